/// What a page looks like: quiet, in the fonts of the system, on a screen of any width and in print.
enum PageTheme {
    static let style = Markup.element("style", [:], [rules])

    private static let rules = Markup.literal(
        """

        :root{color-scheme:light dark;--ink:#1f2328;--quiet:#57606a;--line:#d8dee4;--soft:#f6f8fa;\
        --link:#0a58b0;--back:#fff}
        @media screen and (prefers-color-scheme:dark){:root{--ink:#e6edf3;--quiet:#9da7b3;\
        --line:#30363d;--soft:#1a1d21;--link:#6cb2f5;--back:#111}}
        *{box-sizing:border-box}
        body{margin:0 auto;padding:2rem 1.25rem 4rem;max-width:76rem;color:var(--ink);\
        background:var(--back);font:16px/1.55 system-ui,-apple-system,"Segoe UI",Helvetica,Arial,\
        sans-serif;-webkit-text-size-adjust:100%;overflow-wrap:break-word}
        h1{font-size:1.75rem;line-height:1.2;margin:0 0 .25em;letter-spacing:-.01em}
        h2{font-size:1.25rem;line-height:1.3;margin:2.5em 0 .6em;padding-top:.6em;\
        border-top:1px solid var(--line)}
        h1,h2{text-wrap:balance}
        p,ul,nav,details{max-width:100ch}
        p{margin:.6em 0}
        .quiet{color:var(--quiet)}
        a{color:var(--link)}
        nav ul{columns:16rem;padding:0;margin:1.25em 0;list-style:none}
        nav a{text-decoration:none}
        nav a:hover{text-decoration:underline}
        .figures{display:flex;flex-wrap:wrap;gap:1.5rem 2.5rem;margin:1em 0}
        figure{flex:1 1 30rem;min-width:0;max-width:100%;margin:0}
        figure>svg{display:block}
        figcaption{color:var(--quiet);font-size:.875rem;line-height:1.45;margin-top:.5em;\
        max-width:70ch}
        .scroll{overflow-x:auto;margin:1em 0}
        table{border-collapse:collapse;font-size:.9375rem;font-variant-numeric:tabular-nums;\
        line-height:1.4}
        th,td{padding:.3em 0 .3em 1.15em;text-align:left;vertical-align:baseline;\
        border-bottom:1px solid var(--line)}
        th:first-child,td:first-child{padding-left:0}
        th{font-weight:600;border-bottom:1.5px solid var(--ink);vertical-align:bottom}
        tbody tr:hover{background:var(--soft)}
        .number{text-align:right;white-space:nowrap}
        th.number{white-space:normal}
        caption{text-align:left;color:var(--quiet);font-size:.875rem;padding-bottom:.4em}
        caption span{position:sticky;left:0;display:inline-block;\
        max-width:min(73.5rem,calc(100vw - 2.5rem))}
        code,pre{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;\
        font-size:.8125rem}
        code{overflow-wrap:anywhere}
        pre{margin:1em 0;padding:.9em 1em;background:var(--soft);border:1px solid var(--line);\
        border-radius:6px;overflow-x:auto;line-height:1.5;tab-size:4}
        details{margin:1em 0}
        details>pre{max-width:100%}
        summary{cursor:pointer;color:var(--link)}
        @media print{body{font-size:10pt;padding:0;max-width:none}h2{break-after:avoid}\
        figure,pre,tr{break-inside:avoid}pre{white-space:pre-wrap}nav{display:none}\
        .scroll{overflow:visible}a{color:inherit;text-decoration:none}}

        """
    )
}
