//! Reading through GitHub's API.

use std::time::Duration;

use model::LocationRef;
use source::{
    GitHubApp, GitHubIntegration, Integrations, Limits, ReadError, Reader, ReaderSettings, Secret,
    UnsupportedIntegration,
};
use testkit::git_host::{APP_PRIVATE_KEY, GitHost};

use crate::common::{error, full, is_unchanged, text, url};

const REPOSITORY: &str = "shop/checkout";

fn integration(git: &GitHost) -> GitHubIntegration {
    GitHubIntegration { host: git.host(), api_base_url: Some(git.api_base_url()), ..GitHubIntegration::default() }
}

fn reader(integration: GitHubIntegration) -> Reader {
    let limits = Limits { retry_pause: Duration::from_millis(1), max_file_bytes: 10_240, ..Limits::default() };
    let integrations = Integrations { github: vec![integration], ..Integrations::default() };
    Reader::new(ReaderSettings { integrations, limits, ..ReaderSettings::default() })
}

fn app(app_id: u64) -> GitHubApp {
    GitHubApp {
        app_id,
        private_key: Secret::new(APP_PRIVATE_KEY),
        client_id: None,
        client_secret: None,
        webhook_secret: None,
        allowed_installation_owners: None,
    }
}

fn file_at(git: &GitHost, git_ref: &str, path: &str) -> LocationRef {
    url(&git.web_url(REPOSITORY, git_ref, path))
}

fn targets(found: &[LocationRef]) -> Vec<String> {
    let short = |target: &str| target.split_once("/main/").map_or(target, |(_, path)| path).to_owned();
    found.iter().map(|location| short(location.target())).collect()
}

#[tokio::test]
async fn reads_files_by_their_web_addresses() {
    let git = GitHost::start().await;
    git.put_file(REPOSITORY, "main", "a b/catalog-info.yaml", "kind: A");
    git.put_file(REPOSITORY, "feature/x", "catalog-info.yaml", "kind: X");
    let reader = reader(integration(&git));
    let first = full(reader.observe(&file_at(&git, "main", "a%20b/catalog-info.yaml"), None).await);
    assert_eq!(&*first.content, b"kind: A");
    assert_eq!(git.requests()[0].line, "GET /api/v3/repos/shop/checkout/contents/a%20b/catalog-info.yaml?ref=main");
    assert_eq!(git.requests()[0].headers["accept"], "application/vnd.github.v3.raw");
    for kind in ["tree", "raw", "edit"] {
        let location = url(&format!("https://{}/{REPOSITORY}/{kind}/main/a%20b/catalog-info.yaml", git.host()));
        assert_eq!(text(reader.observe(&location, None).await), "kind: A");
    }
    assert_eq!(text(reader.observe(&file_at(&git, "feature%2Fx", "catalog-info.yaml"), None).await), "kind: X");
}

#[tokio::test]
async fn asks_by_etag_and_knows_commits() {
    let git = GitHost::start().await;
    let commit = "0123456789abcdef0123456789abcdef01234567";
    git.put_file(REPOSITORY, commit, "x.yaml", "kind: A");
    git.put_file(REPOSITORY, "main", "x.yaml", "kind: A");
    let reader = reader(integration(&git));
    let pinned = reader.find_revision(&file_at(&git, commit, "x.yaml")).await.expect("the address names it");
    assert_eq!((&*pinned.commit, pinned.author), (commit, None));
    assert!(git.requests().is_empty(), "nobody was asked");
    let location = file_at(&git, "main", "x.yaml");
    let first = full(reader.observe(&location, None).await);
    assert!(is_unchanged(reader.observe(&location, Some(&first.version)).await));
    assert_eq!(git.requests().last().unwrap().status, 304);
    git.put_file(REPOSITORY, "main", "x.yaml", "kind: B");
    assert_eq!(text(reader.observe(&location, Some(&first.version)).await), "kind: B");
    git.remove_file(REPOSITORY, "main", "x.yaml");
    assert!(matches!(reader.observe(&location, Some(&first.version)).await, Err(ReadError::NotFound(_))));
}

#[tokio::test]
async fn the_host_tells_commit_and_author_of_a_branch_to_those_it_knows() {
    let git = GitHost::start().await;
    let commit = "89abcdef0123456789abcdef0123456789abcdef";
    git.put_file(REPOSITORY, "feature/x", "a b/x.yaml", "kind: A");
    git.put_commit(REPOSITORY, "feature/x", "a b/x.yaml", (commit, "octocat"));
    let location = file_at(&git, "feature%2Fx", "a%20b/x.yaml");
    let stranger = reader(integration(&git));
    assert_eq!(stranger.find_revision(&location).await, None);
    assert!(git.requests().is_empty(), "a stranger does not ask");
    git.accept_token("ghp_1");
    let known = reader(GitHubIntegration { token: Some(Secret::new("ghp_1")), ..integration(&git) });
    let found = known.find_revision(&location).await.expect("the host tells");
    assert_eq!((&*found.commit, found.author.as_deref()), (commit, Some("octocat")));
    git.set_rate_limit(5_000, 2_000);
    full(known.observe(&location, None).await);
    let asked = git.requests().len();
    assert_eq!(known.find_revision(&location).await, None);
    assert_eq!(git.requests().len(), asked, "what is left is kept for reading");
    for status in [403, 429, 500] {
        let known = reader(GitHubIntegration { token: Some(Secret::new("ghp_1")), ..integration(&git) });
        git.plan(status, &[("retry-after", "60")], "{}");
        assert_eq!(known.find_revision(&location).await, None, "a file is good without");
        let asked = git.requests().len();
        assert_eq!(known.find_revision(&location).await, None);
        assert_eq!(git.requests().len(), asked, "the host is not asked again at once");
        full(known.observe(&location, None).await);
    }
}

#[tokio::test]
async fn names_what_is_wrong() {
    let git = GitHost::start().await;
    git.put_file(REPOSITORY, "main", "docs/index.md", "x");
    git.put_file(REPOSITORY, "main", "large.yaml", &"x".repeat(10_241));
    let reader = reader(integration(&git));
    let message = |location: LocationRef| {
        let (reader, host) = (reader.clone(), git.host());
        async move { error(reader.observe(&location, None).await).to_string().replace(&host, "HOST") }
    };
    assert_eq!(
        message(file_at(&git, "main", "none.yaml")).await,
        "Request failed for http://HOST/api/v3/repos/shop/checkout/contents/none.yaml?ref=main, 404 Not Found, Not Found (without credentials in integrations.github a private repository looks as if it were not there)"
    );
    assert_eq!(
        message(file_at(&git, "main", "docs")).await,
        "https://HOST/shop/checkout/blob/main/docs is a folder and no file"
    );
    assert!(
        message(file_at(&git, "main", "large.yaml")).await.ends_with("the answer is larger than the limit of 10 KB")
    );
    assert_eq!(
        message(url(&format!("https://{}/shop/checkout", git.host()))).await,
        "Incorrect URL: https://HOST/shop/checkout, Error: Invalid GitHub URL or file path"
    );
    let broken = GitHubIntegration { api_base_url: Some("no address".to_owned()), ..integration(&git) };
    let problem = error(self::reader(broken).observe(&file_at(&git, "main", "x.yaml"), None).await).to_string();
    assert!(problem.ends_with("apiBaseUrl 'no address' is no web address"), "{problem}");
}

#[tokio::test]
async fn signs_in_with_a_token() {
    let git = GitHost::start().await;
    git.put_file(REPOSITORY, "main", "x.yaml", "kind: A");
    git.accept_token("ghp_good");
    let location = file_at(&git, "main", "x.yaml");
    let with = |token: &str| reader(GitHubIntegration { token: Some(Secret::new(token)), ..integration(&git) });
    assert_eq!(text(with("ghp_good").observe(&location, None).await), "kind: A");
    let refused = error(with("ghp_bad").observe(&location, None).await);
    assert!(matches!(refused, ReadError::Failed { .. }), "a refusal never looks like a missing file");
    assert!(refused.to_string().ends_with("401 Unauthorized, Bad credentials"), "{refused}");
    assert!(!format!("{refused:?}").contains("ghp_bad"));
    let odd = error(with("line\nbreak").observe(&location, None).await);
    assert!(odd.to_string().contains("holds characters that no token has"), "{odd}");
    assert!(matches!(reader(integration(&git)).observe(&location, None).await, Err(ReadError::NotFound(_))));
}

#[tokio::test]
async fn reads_raw_files_without_credentials() {
    let git = GitHost::start().await;
    git.put_file(REPOSITORY, "main", "x.yaml", "kind: A");
    let settings = GitHubIntegration { raw_base_url: Some(git.raw_base_url()), ..integration(&git) };
    let location = file_at(&git, "main", "x.yaml");
    assert_eq!(text(reader(settings.clone()).observe(&location, None).await), "kind: A");
    assert_eq!(git.requests()[0].line, "GET /raw-files/shop/checkout/main/x.yaml");
    let signed_in = GitHubIntegration { token: Some(Secret::new("t")), ..settings };
    git.accept_token("t");
    assert_eq!(text(reader(signed_in).observe(&location, None).await), "kind: A");
    assert!(git.requests()[1].line.starts_with("GET /api/v3/repos/"), "the token is for the API");
}

#[tokio::test]
async fn signs_in_as_an_app() {
    let git = GitHost::start().await;
    git.put_file(REPOSITORY, "main", "x.yaml", "kind: A");
    git.put_file("other/repo", "main", "x.yaml", "kind: O");
    git.accept_token("ghp_fallback");
    // The list of installations has more than one page.
    for number in 0..150 {
        git.install_app(7, &format!("team-{number}"), 1_000 + number);
    }
    git.install_app(7, "Shop", 42);
    let settings =
        GitHubIntegration { apps: vec![app(7)], token: Some(Secret::new("ghp_fallback")), ..integration(&git) };
    let reader = reader(settings.clone());
    let location = file_at(&git, "main", "x.yaml");
    let answers = futures::future::join_all((0..8).map(|_| reader.observe(&location, None))).await;
    for answer in answers {
        assert_eq!(text(answer), "kind: A");
    }
    let issued = git.requests().iter().filter(|request| request.line.ends_with("/42/access_tokens")).count();
    assert_eq!(issued, 1, "many readers share one token");
    let elsewhere = url(&git.web_url("other/repo", "main", "x.yaml"));
    assert_eq!(text(reader.observe(&elsewhere, None).await), "kind: O");
    let last = git.requests().last().unwrap().headers["authorization"].clone();
    assert_eq!(last, "Bearer ghp_fallback", "where the app is not installed the token is used");

    let limited = GitHubApp { allowed_installation_owners: Some(vec!["other".to_owned()]), ..app(7) };
    let not_for_shop = self::reader(GitHubIntegration { apps: vec![limited], ..settings });
    assert_eq!(text(not_for_shop.observe(&location, None).await), "kind: A");
    assert_eq!(git.requests().last().unwrap().headers["authorization"], "Bearer ghp_fallback");
}

#[tokio::test]
async fn renews_an_apps_token_before_it_ends() {
    let git = GitHost::start().await;
    git.put_file(REPOSITORY, "main", "x.yaml", "kind: A");
    git.install_app(7, "shop", 42);
    // Five minutes before its end a token is not used any more.
    git.set_token_seconds(299);
    let reader = reader(GitHubIntegration { apps: vec![app(7)], ..integration(&git) });
    for _ in 0..2 {
        assert_eq!(text(reader.observe(&file_at(&git, "main", "x.yaml"), None).await), "kind: A");
    }
    let issued = git.requests().iter().filter(|request| request.line.ends_with("/access_tokens")).count();
    assert_eq!(issued, 2);
}

#[tokio::test]
async fn names_the_app_that_does_not_work() {
    let git = GitHost::start().await;
    git.install_app(7, "shop", 42);
    let location = file_at(&git, "main", "x.yaml");
    let problem = |app: GitHubApp| {
        let reader = reader(GitHubIntegration { apps: vec![app], ..integration(&git) });
        let location = location.clone();
        async move { error(reader.observe(&location, None).await) }
    };
    let broken = problem(GitHubApp { private_key: Secret::new("no key"), ..app(7) }).await;
    assert_eq!(broken.to_string(), "GitHub App 7: its privateKey is no RSA key in PEM form");
    let unknown = problem(app(8)).await;
    assert!(unknown.to_string().starts_with("GitHub App 8: Request failed for "), "{unknown}");
    assert!(matches!(unknown, ReadError::Failed { .. }));
    let one_line = GitHubApp { private_key: Secret::new(APP_PRIVATE_KEY.replace('\n', "\\n")), ..app(7) };
    assert!(
        matches!(problem(one_line).await, ReadError::NotFound(_)),
        "line ends may be written out; the file is missing"
    );
}

#[tokio::test]
async fn respects_and_shows_rate_limits() {
    let git = GitHost::start().await;
    git.put_file(REPOSITORY, "main", "x.yaml", "kind: A");
    git.set_rate_limit(60, 3);
    let reader = reader(integration(&git));
    let location = file_at(&git, "main", "x.yaml");
    assert!(reader.rate_limits().is_empty());
    let first = full(reader.observe(&location, None).await);
    let shown = reader.rate_limits().remove(0);
    assert_eq!((shown.host, shown.limit, shown.remaining), (git.host(), 60, 2));
    assert!(is_unchanged(reader.observe(&location, Some(&first.version)).await));
    assert_eq!(reader.rate_limits()[0].remaining, 2, "an unchanged file costs nothing");
    full(reader.observe(&location, None).await);
    full(reader.observe(&location, None).await);
    let sent = git.requests().len();
    let ReadError::Failed { message, retry_after_ms } = error(reader.observe(&location, None).await) else { panic!() };
    assert!(message.contains("rate limit exceeded"), "{message}");
    assert!(retry_after_ms.is_some_and(|pause| pause > 3_500_000), "{retry_after_ms:?}");
    assert_eq!(git.requests().len(), sent, "after the last request the host is left alone");
}

#[tokio::test]
async fn tells_rate_limits_from_refusals() {
    for (status, headers, body, expected) in [
        (
            403,
            vec![("x-ratelimit-remaining", "0"), ("x-ratelimit-limit", "60"), ("x-ratelimit-reset", "1")],
            "{}",
            Some(1_000),
        ),
        (403, vec![("retry-after", "30")], "{}", Some(30_000)),
        (429, vec![], "{}", Some(60_000)),
        (403, vec![], r#"{"message": "You have exceeded a secondary rate limit"}"#, Some(60_000)),
        (403, vec![], r#"{"message": "Resource protected by organization SAML enforcement"}"#, None),
    ] {
        let git = GitHost::start().await;
        git.plan(status, &headers, body);
        let reader = reader(integration(&git));
        let location = file_at(&git, "main", "x.yaml");
        let ReadError::Failed { message, retry_after_ms } = error(reader.observe(&location, None).await) else {
            panic!()
        };
        assert_eq!(retry_after_ms, expected, "{message}");
        assert_eq!(message.contains("(rate limit exceeded)"), expected.is_some(), "{message}");
        assert_eq!(git.requests().len(), 1, "a refusal is not tried again");
    }
}

#[tokio::test]
async fn expands_patterns_by_the_tree() {
    let git = GitHost::start().await;
    for path in [
        "s/b/catalog-info.yaml",
        "s/a/catalog-info.yaml",
        "s/a/deep/catalog-info.yaml",
        "s/c/readme.md",
        "catalog-info.yaml",
    ] {
        git.put_file(REPOSITORY, "main", path, "kind: A");
    }
    let reader = reader(integration(&git));
    let expand = |path: &'static str| {
        let (reader, location) = (reader.clone(), file_at(&git, "main", path));
        async move { targets(&reader.expand(&location).await.unwrap()) }
    };
    assert_eq!(expand("s/*/catalog-info.yaml").await, ["s/a/catalog-info.yaml", "s/b/catalog-info.yaml"]);
    assert_eq!(expand("**/catalog-info.yaml").await.len(), 4);
    assert_eq!(expand("s/{a,c}/*.{yaml,md}").await, ["s/a/catalog-info.yaml", "s/c/readme.md"]);
    assert_eq!(expand("catalog-info.yaml").await, ["catalog-info.yaml"]);
    let before = git.requests().len();
    assert_eq!(expand("s/*/catalog-info.yaml").await.len(), 2);
    assert_eq!(git.requests()[before].status, 304, "an unchanged tree costs nothing");
    let found = reader.expand(&file_at(&git, "main", "s/*/catalog-info.yaml")).await.unwrap();
    assert_eq!(found[0], file_at(&git, "main", "s/a/catalog-info.yaml"));
    assert_eq!(text(reader.observe(&found[0], None).await), "kind: A");
    let nothing = file_at(&git, "main", "none/*.yaml");
    let gone = error(reader.expand(&nothing).await).to_chain(&nothing);
    assert_eq!(gone.message, format!("Unable to read url, no matching files found for {}", nothing.target()));
}

#[tokio::test]
async fn walks_trees_that_are_too_large_for_one_answer() {
    let git = GitHost::start().await;
    for number in 0..30 {
        git.put_file(REPOSITORY, "main", &format!("services/s{number:02}/catalog-info.yaml"), "kind: A");
        git.put_file(REPOSITORY, "main", &format!("docs/d{number:02}.md"), "x");
    }
    git.set_largest_tree(40);
    let reader = reader(integration(&git));
    let found = reader.expand(&file_at(&git, "main", "services/*/catalog-info.yaml")).await.unwrap();
    assert_eq!(found.len(), 30);
    assert_eq!(targets(&found)[29], "services/s29/catalog-info.yaml");
    let lines: Vec<_> = git.requests().into_iter().map(|request| request.line).collect();
    assert!(!lines.iter().any(|line| line.contains("docs")), "folders without matches are not asked for: {lines:?}");
}

#[tokio::test]
async fn tells_which_families_are_not_supported() {
    let other = UnsupportedIntegration { family: "GitLab".to_owned(), host: "git.shop.example".to_owned() };
    let integrations = Integrations { unsupported: vec![other], ..Integrations::default() };
    let reader = Reader::new(ReaderSettings { integrations, ..ReaderSettings::default() });
    let problem = error(reader.observe(&url("https://git.shop.example/o/r/-/blob/main/x.yaml"), None).await);
    assert!(problem.to_string().contains("GitLab is not supported"), "{problem}");
    let location = LocationRef::new("carrier-pigeon", "coop-7");
    let unknown = error(reader.observe(&location, None).await);
    assert_eq!(unknown.to_string(), "no reader for locations of type 'carrier-pigeon'");
}
