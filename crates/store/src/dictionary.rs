//! Text that most payloads share. Compression may refer to it, so that small entities need not spell it out.
//!
//! Part of payload format 1: never edited, because stored payloads refer to it by position. A better text is a new format.

/// What entities of all usual kinds look like, the most frequent last.
pub(crate) const FORMAT_1: &[u8] = concat!(
    r#"backstage.io/orphan":"true"},"kubernetes.io/","sonarqube.org/project-key":"","opsgenie.com/team":"","grafana/dashboard-selector":"","#,
    r#""jira/project-key":"","sentry.io/project-slug":"","argocd/app-name":"","apiVersion":"scaffolder.backstage.io/v1beta3","kind":"Template","#,
    r#""openapi: 3.0.0\ninfo:\n  title: \n  version: 1.0.0\n  description: \nservers:\n  - url: https://api.\npaths:\n  /:\n    get:\n      "#,
    r#"summary: \n      operationId: \n      parameters:\n        - name: id\n          in: path\n          required: true\n          schema:\n"#,
    r#"            type: string\n      responses:\n        '200':\n          description: OK\n          content:\n            application/json:"#,
    r#""kind":"User","spec":{"profile":{"displayName":"","email":"@example.com","picture":"https://"},"memberOf":["team-"]}}"#,
    r#""kind":"Group","spec":{"type":"team","profile":{"displayName":""},"parent":"","children":[],"members":[]}}"#,
    r#""kind":"Location","spec":{"type":"url","targets":["./","target":"https://"],"presence":"required"#,
    r#""kind":"Domain","spec":{"owner":"","subdomainOf":""}}"kind":"System","spec":{"owner":"","domain":""}}"#,
    r#""kind":"Resource","spec":{"type":"database","owner":"","system":"","dependencyOf":["component:default/"]}}"#,
    r#""kind":"API","spec":{"type":"openapi","lifecycle":"production","owner":"","system":"","definition":""#,
    r#"{"metadata":{"namespace":"default","annotations":{"backstage.io/techdocs-ref":"dir:.","github.com/project-slug":"","#,
    r#""pagerduty.com/service-id":"","backstage.io/kubernetes-id":"","backstage.io/managed-by-location":"file:/"#,
    r#"url:https://github.com/","backstage.io/managed-by-origin-location":"url:https://github.com/","#,
    r#""backstage.io/view-url":"https://github.com/","backstage.io/edit-url":"https://github.com/","#,
    r#""backstage.io/source-location":"url:https://github.com/"/tree/main//edit/main//blob/main/catalog-info.yaml"},"#,
    r#""labels":{"tier":""},"name":"","title":"","description":"","tags":["java","go","node","python"],"#,
    r#""links":[{"url":"https://","title":"Dashboard","icon":"dashboard"},{"title":"Runbook","icon":"docs"}]},"#,
    r#""apiVersion":"backstage.io/v1beta1","backstage.io/v1alpha1","kind":"Component","spec":{"type":"library","website","#,
    r#""type":"service","lifecycle":"experimental","lifecycle":"production","owner":"group:default/","system":"system:default/","#,
    r#""subcomponentOf":"","providesApis":[""],"consumesApis":[""],"dependsOn":["resource:default/","component:default/"]}}"#,
    "\x01%location:default/generated-\x01\x10location:default/",
    "\x07childOf\x08parentOf\x08memberOf\x09hasMember\x12group:default/team-",
    "\x0bprovidesApi\x0dapiProvidedBy\x0bapi:default/\x0bconsumesApi\x0dapiConsumedBy\x0capi:default/",
    "\x06partOf\x07hasPart\x10system:default/\x11domain:default/",
    "\x09dependsOn\x0cdependencyOf\x15component:default/\x14resource:default/",
    "\x07ownedBy\x07ownerOf\x12group:default/",
)
.as_bytes();
