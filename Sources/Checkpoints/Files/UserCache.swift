package import FoundationEssentials

/// Where the user keeps what can be made again.
package enum UserCache {
    /// A folder of ours in it: `$XDG_CACHE_HOME/merganser/…`, or `~/.cache/merganser/…`; `nil` where
    /// the environment names no place.
    package static func directory(
        _ name: String,
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) -> URL? {
        // The XDG specification says to ignore what is not absolute.
        let own = environment["XDG_CACHE_HOME"].flatMap { $0.hasPrefix("/") ? $0 : nil }
        let home = environment["HOME"].flatMap { $0.hasPrefix("/") ? $0 + "/.cache" : nil }
        return (own ?? home).map { URL(filePath: $0).appending(path: "merganser/\(name)") }
    }
}
