//! Amounts in words.

/// Writes a number of bytes as people do: `10 MB`, `512 KB`, `17 bytes`.
pub(crate) fn show_bytes(bytes: u64) -> String {
    match bytes {
        _ if bytes >= 1 << 20 && bytes.is_multiple_of(1 << 20) => format!("{} MB", bytes >> 20),
        _ if bytes >= 1 << 10 && bytes.is_multiple_of(1 << 10) => format!("{} KB", bytes >> 10),
        _ => format!("{bytes} bytes"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_round_amounts_short() {
        assert_eq!(show_bytes(10 << 20), "10 MB");
        assert_eq!(show_bytes(2048), "2 KB");
        assert_eq!(show_bytes(1_500), "1500 bytes");
    }
}
