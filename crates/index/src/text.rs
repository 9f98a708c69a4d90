//! The texts of final entities, many in one piece of memory.

use std::sync::Arc;

use bytes::Bytes;

/// How many bytes of texts are kept in one piece.
pub(crate) const CHUNK_BYTES: usize = 16 << 20;

/// A piece of memory with the texts of many entities. Segments share chunks, so that merging them does not copy the texts.
#[derive(Clone, Debug)]
pub(crate) struct Chunk {
    text: Arc<String>,
    bytes: Bytes,
}

/// Lets `Bytes` own a share of the text.
struct Owner(Arc<String>);

impl AsRef<[u8]> for Owner {
    fn as_ref(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl Chunk {
    fn new(text: String) -> Self {
        let text = Arc::new(text);
        let bytes = Bytes::from_owner(Owner(Arc::clone(&text)));
        Self { text, bytes }
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }

    pub(crate) fn bytes(&self) -> &Bytes {
        &self.bytes
    }

    /// Tells it apart from other pieces of memory, as long as it lives.
    pub(crate) fn identity(&self) -> *const String {
        Arc::as_ptr(&self.text)
    }
}

/// Writes records into chunks.
pub(crate) struct ChunkWriter {
    done: Vec<Chunk>,
    open: Vec<u8>,
    first_capacity: usize,
}

impl ChunkWriter {
    /// Makes a writer that expects about `expected` bytes.
    pub(crate) fn new(expected: usize) -> Self {
        Self { done: Vec::new(), open: Vec::new(), first_capacity: expected.min(CHUNK_BYTES) }
    }

    /// Gives the buffer for a record of about `expected` bytes, to be appended to, and the number of its chunk.
    pub(crate) fn buffer(&mut self, expected: usize) -> (u32, &mut Vec<u8>) {
        if !self.open.is_empty() && self.open.len() + expected > CHUNK_BYTES {
            self.close();
        }
        if self.open.capacity() == 0 {
            let capacity = if self.done.is_empty() { self.first_capacity } else { CHUNK_BYTES };
            self.open = Vec::with_capacity(capacity.max(expected));
        }
        (self.done.len() as u32, &mut self.open)
    }

    /// Ends the writing.
    pub(crate) fn finish(mut self) -> Vec<Chunk> {
        if !self.open.is_empty() {
            self.close();
        }
        self.done
    }

    fn close(&mut self) {
        let mut open = std::mem::take(&mut self.open);
        if open.capacity() - open.len() > open.len() / 16 {
            open.shrink_to_fit();
        }
        let text = String::from_utf8(open).expect("records are put together from whole strings");
        self.done.push(Chunk::new(text));
    }
}
