/// How much a document may hold. Each is checked when the parser tells of it, before anything is kept.
package struct YAMLLimits: Sendable {
    /// Collections within each other. libyaml looks at every open one for each of its tokens: time is the text's length times this.
    package var depth = 32
    /// Values and keys, each alias counted as what it stands for: aliases make a small text a huge value ("billion laughs").
    package var nodes = 100_000
    /// Bytes of all texts, counted likewise.
    package var bytes = 4 << 20
    /// Names that are given to nodes, also the same name again.
    package var anchors = 1_000
    package var aliases = 10_000
    /// Bytes of such a name.
    package var anchorLength = 256

    package init() {}
}
