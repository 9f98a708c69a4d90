//! Addresses without their secrets, for messages and logs.

use url::Url;

/// Writes an address without user name and password.
pub(crate) fn show_url(url: &Url) -> String {
    if url.username().is_empty() && url.password().is_none() {
        return url.to_string();
    }
    let mut shown = url.clone();
    // Both fail only for addresses that cannot hold credentials in the first place.
    let _ = shown.set_username("");
    let _ = shown.set_password(None);
    shown.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hides_credentials() {
        let url = Url::parse("https://me:secret@example.org/a.yaml").unwrap();
        assert_eq!(show_url(&url), "https://example.org/a.yaml");
    }
}
