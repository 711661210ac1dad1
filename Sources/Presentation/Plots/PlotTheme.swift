/// What all plots look like, on a light screen, on a dark one and in print.
enum PlotTheme {
    static let fonts = "system-ui,-apple-system,'Segoe UI',Helvetica,Arial,'DejaVu Sans',sans-serif"

    /// The rules of all classes; programs that know no dark scheme use the light one.
    static let style = Markup.element(
        "style",
        [:],
        [
            base, colours(SeriesStyle.colours), dark, colours(SeriesStyle.darkColours),
            .literal("}\n"),
        ]
    )

    private static let base = Markup.literal(
        """
        .mg-plot text{fill:#1f2328}
        .mg-plot .mg-title{font-weight:600;font-size:13px}
        .mg-plot .mg-quiet,.mg-plot .mg-note{fill:#57606a}
        .mg-plot .mg-note,.mg-plot .mg-small{font-size:11px}
        .mg-plot .mg-value{font-size:10.5px;paint-order:stroke;stroke:#fff;stroke-width:2.5px;\
        stroke-linejoin:round}
        .mg-plot .mg-ink{fill:#1a1a1a;font-size:11px}
        .mg-plot .mg-light{fill:#fff}
        .mg-rim{stroke:#fff;stroke-width:3.5;fill:none;stroke-linecap:square}
        .mg-inner{stroke:#000;stroke-width:1.5}
        .mg-grid{stroke:#d8dee4;fill:none}
        .mg-axis{stroke:#8c959f;fill:none}
        .mg-reference{stroke:#57606a;stroke-width:1.25;stroke-dasharray:1 3;stroke-linecap:round;\
        fill:none}
        .mg-target{stroke:#1f2328;stroke-width:2.25;fill:none}
        .mg-halo{stroke:#fff;stroke-width:3.5;fill:none}
        .mg-whisker{stroke:#1f2328;stroke-width:1.25;fill:none}
        .mg-line{stroke:currentColor;stroke-width:1.75;stroke-linejoin:round;fill:none}
        .mg-thin{stroke:currentColor;stroke-width:.8;stroke-opacity:.55;fill:none}
        .mg-band{fill:currentColor;fill-opacity:.14}
        .mg-bar{fill:currentColor;stroke:currentColor}
        .mg-mark{fill:currentColor;stroke:#fff;stroke-width:.8}
        .mg-dot{fill:currentColor;fill-opacity:.75;stroke:#fff;stroke-width:.6}
        .mg-best{fill:none;stroke:currentColor;stroke-width:2}

        """
    )

    private static func colours(_ colours: [String]) -> Markup {
        .joined(colours.enumerated().map { .text(".mg-s\($0){color:\($1)}") })
    }

    private static let dark = Markup.literal(
        """

        @media screen and (prefers-color-scheme:dark){.mg-plot text{fill:#e6edf3}\
        .mg-plot .mg-quiet,.mg-plot .mg-note{fill:#9da7b3}\
        .mg-plot .mg-value,.mg-halo,.mg-mark,.mg-dot{stroke:#111}\
        .mg-grid{stroke:#30363d}.mg-axis{stroke:#6e7681}.mg-reference{stroke:#9da7b3}\
        .mg-target,.mg-whisker{stroke:#e6edf3}

        """
    )
}
