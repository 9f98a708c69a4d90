//! `POST /analyze-location`: what a repository without descriptors could start with.

use model::ErrorChain;
use serde_json::{Value, json};
use url::Url;

/// Hosts whose repositories carry a slug annotation, with its name. Source: Backstage's location analysis.
const SLUG_ANNOTATIONS: [(&str, &str); 3] = [
    ("github.com", "github.com/project-slug"),
    ("gitlab.com", "gitlab.com/project-slug"),
    ("bitbucket.org", "bitbucket.org/project-slug"),
];

/// Suggests a Component for the repository behind an address.
///
/// # Errors
/// When the target is no web address.
pub fn analyze(target: &str) -> Result<Value, ErrorChain> {
    let url =
        Url::parse(target).map_err(|_| ErrorChain::new("InputError", "The given location.target is not a URL"))?;
    let mut segments = url.path_segments().map(|s| s.filter(|s| !s.is_empty()).collect::<Vec<_>>()).unwrap_or_default();
    let host = url.host_str().unwrap_or_default();
    let slug_annotation = SLUG_ANNOTATIONS.iter().find(|(known, _)| *known == host).map(|(_, annotation)| *annotation);
    if slug_annotation.is_some() {
        segments.truncate(2);
    }
    let name = segments.last().map_or(host, |segment| segment.trim_end_matches(".git")).to_owned();
    let mut metadata = json!({ "name": name });
    if let (Some(annotation), [owner, _]) = (slug_annotation, segments.as_slice()) {
        metadata["annotations"] = json!({ annotation: format!("{owner}/{name}") });
    }
    Ok(json!({
        "existingEntityFiles": [],
        "generateEntities": [{
            "entity": {
                "apiVersion": "backstage.io/v1alpha1",
                "kind": "Component",
                "metadata": metadata,
                "spec": { "type": "other", "lifecycle": "unknown" },
            },
            "fields": [],
        }],
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(target: &str, name: &str, annotation: Option<(&str, &str)>) {
        let answer = analyze(target).expect("an address");
        let metadata = &answer["generateEntities"][0]["entity"]["metadata"];
        assert_eq!(metadata["name"], name, "{target}");
        let got = metadata.get("annotations").and_then(|a| a.as_object()).and_then(|a| a.iter().next());
        assert_eq!(got.map(|(k, v)| (k.as_str(), v.as_str().expect("text"))), annotation, "{target}");
    }

    #[test]
    fn names_the_component_after_the_repository() {
        check("https://github.com/acme/shop", "shop", Some(("github.com/project-slug", "acme/shop")));
        check("https://github.com/acme/shop.git", "shop", Some(("github.com/project-slug", "acme/shop")));
        check("https://github.com/acme/shop/blob/main/a.yaml", "shop", Some(("github.com/project-slug", "acme/shop")));
        check("https://git.example.org/files/a.yaml", "a.yaml", None);
    }

    #[test]
    fn refuses_what_is_no_address() {
        assert_eq!(analyze("not a url").unwrap_err().name, "InputError");
    }
}
