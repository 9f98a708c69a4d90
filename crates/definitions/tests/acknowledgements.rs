//! The licences of the embedded syntaxes ask to be told with the program.

#[test]
fn the_acknowledgements_are_those_of_the_embedded_syntaxes() {
    let want = two_face::acknowledgement::listing().to_md();
    let kept = include_str!("../ACKNOWLEDGEMENTS.md");
    if kept != want {
        let at = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("ACKNOWLEDGEMENTS.md");
        std::fs::write(&at, want).unwrap();
        panic!("copy {} to crates/definitions", at.display());
    }
}
