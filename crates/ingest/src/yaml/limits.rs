//! What a file may cost.

/// Upper bounds for one file; going beyond one of them is a diagnostic, never a panic or a hang.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of a file. At most `u32::MAX`, since places are kept as 32-bit offsets.
    pub file_bytes: usize,
    /// Nested lists and maps of a document, counted through aliases. Readers of JSON commonly stop at 128.
    pub depth: usize,
    /// Nodes of a document after all aliases are written out.
    pub nodes: usize,
    /// Bytes of text of a document after all aliases are written out.
    pub text_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { file_bytes: 256 << 20, depth: 100, nodes: 1_000_000, text_bytes: 32 << 20 }
    }
}
