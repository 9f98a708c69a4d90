//! What alerting tools send when they open a sheet: their webhooks' bodies, read into one form.

use serde_json::Value;

/// The tools whose webhooks are understood.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tool {
    /// Prometheus' Alertmanager.
    Alertmanager,
    /// Grafana's alerting, whose body is Alertmanager's with more in it.
    Grafana,
    /// PagerDuty's webhooks, version 3.
    PagerDuty,
    /// Opsgenie's webhook integration.
    Opsgenie,
}

impl Tool {
    /// All.
    pub const ALL: [Self; 4] = [Self::Alertmanager, Self::Grafana, Self::PagerDuty, Self::Opsgenie];

    /// The word in addresses.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Alertmanager => "alertmanager",
            Self::Grafana => "grafana",
            Self::PagerDuty => "pagerduty",
            Self::Opsgenie => "opsgenie",
        }
    }

    /// What people call it.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Alertmanager => "Alertmanager",
            Self::Grafana => "Grafana",
            Self::PagerDuty => "PagerDuty",
            Self::Opsgenie => "Opsgenie",
        }
    }

    /// Reads [`Tool::word`].
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|tool| tool.word() == word)
    }
}

/// An alert in one form.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Alert {
    /// What makes two messages speak of the same event.
    pub key: String,
    /// What the event is called.
    pub title: String,
    /// Whether it is over.
    pub is_resolved: bool,
    /// Every text in which a name can be, those first that name things by their purpose.
    pub texts: Vec<String>,
    /// Where the tool shows it.
    pub url: Option<String>,
}

impl Alert {
    /// What the tool says, in a few lines.
    #[must_use]
    pub fn text(&self) -> String {
        self.texts.iter().take(40).map(String::as_str).collect::<Vec<_>>().join("\n")
    }
}

/// Reads the body of a tool's webhook; `None` when it is none.
#[must_use]
pub fn read(tool: Tool, body: &Value) -> Option<Alert> {
    let mut alert = match tool {
        Tool::Alertmanager | Tool::Grafana => read_alertmanager(body)?,
        Tool::PagerDuty => read_pagerduty(body)?,
        Tool::Opsgenie => read_opsgenie(body)?,
    };
    alert.texts.retain(|text| !text.trim().is_empty());
    let mut known = std::collections::HashSet::new();
    alert.texts.retain(|text| known.insert(text.clone()));
    alert.url = alert.url.filter(|url| url.starts_with("https://") || url.starts_with("http://"));
    alert.key = format!("{}:{}", tool.word(), alert.key);
    Some(alert)
}

/// Labels that name what fails rather than who watches it.
const TELLING: [&str; 12] = [
    "service",
    "component",
    "app",
    "application",
    "job",
    "system",
    "resource",
    "deployment",
    "statefulset",
    "container",
    "topic",
    "queue",
];

fn text<'v>(value: &'v Value, pointer: &str) -> Option<&'v str> {
    value.pointer(pointer).and_then(Value::as_str).filter(|text| !text.trim().is_empty())
}

fn read_alertmanager(body: &Value) -> Option<Alert> {
    let alerts = body.get("alerts")?.as_array()?;
    let titles = ["/title", "/commonAnnotations/summary", "/commonLabels/alertname", "/groupLabels/alertname"];
    let title = titles.iter().find_map(|pointer| text(body, pointer));
    let own_title = || alerts.first().and_then(|alert| text(alert, "/labels/alertname"));
    let mut texts = Vec::new();
    for alert in alerts {
        push_labels(alert.get("labels"), &mut texts);
    }
    push_labels(body.get("commonLabels"), &mut texts);
    for holder in alerts.iter().filter_map(|alert| alert.get("annotations")).chain(body.get("commonAnnotations")) {
        push_values(holder, &mut texts);
    }
    texts.extend(text(body, "/message").map(str::to_owned));
    let url = alerts.first().and_then(|alert| text(alert, "/dashboardURL").or_else(|| text(alert, "/generatorURL")));
    Some(Alert {
        key: text(body, "/groupKey").or_else(|| text(alerts.first()?, "/fingerprint"))?.to_owned(),
        title: title.or_else(own_title).unwrap_or("Alert").to_owned(),
        is_resolved: text(body, "/status") == Some("resolved"),
        texts,
        url: url.or_else(|| text(body, "/externalURL")).map(str::to_owned),
    })
}

fn read_pagerduty(body: &Value) -> Option<Alert> {
    let event = body.get("event")?;
    let incident = event.get("data")?;
    let texts =
        ["/service/summary", "/title", "/summary", "/body/details", "/incident_key", "/escalation_policy/summary"];
    Some(Alert {
        key: text(incident, "/id").or_else(|| text(incident, "/incident/id"))?.to_owned(),
        title: text(incident, "/title").or_else(|| text(incident, "/summary")).unwrap_or("Incident").to_owned(),
        is_resolved: text(event, "/event_type") == Some("incident.resolved"),
        texts: texts.iter().filter_map(|pointer| text(incident, pointer)).map(str::to_owned).collect(),
        url: text(incident, "/html_url").map(str::to_owned),
    })
}

fn read_opsgenie(body: &Value) -> Option<Alert> {
    let alert = body.get("alert")?;
    let mut texts: Vec<String> = ["/entity", "/message", "/alias", "/description", "/source"]
        .iter()
        .filter_map(|p| text(alert, p))
        .map(str::to_owned)
        .collect();
    push_labels(alert.get("details"), &mut texts);
    let tags = alert.get("tags").and_then(Value::as_array).into_iter().flatten();
    texts.extend(tags.filter_map(Value::as_str).map(str::to_owned));
    let action = text(body, "/action").unwrap_or_default();
    Some(Alert {
        key: text(alert, "/alertId").or_else(|| text(alert, "/alias"))?.to_owned(),
        title: text(alert, "/message").unwrap_or("Alert").to_owned(),
        is_resolved: matches!(action, "Close" | "Delete"),
        texts,
        url: text(alert, "/details/url").map(str::to_owned),
    })
}

/// Values of labels, those of telling names first.
fn push_labels(labels: Option<&Value>, texts: &mut Vec<String>) {
    let labels = labels.and_then(Value::as_object);
    let is_telling = |name: &str| TELLING.contains(&name.to_ascii_lowercase().as_str());
    for telling in [true, false] {
        let wanted = labels.into_iter().flatten().filter(|(name, _)| is_telling(name) == telling);
        texts.extend(wanted.filter_map(|(_, value)| value.as_str()).map(str::to_owned));
    }
}

fn push_values(holder: &Value, texts: &mut Vec<String>) {
    let values = holder.as_object().into_iter().flatten();
    texts.extend(values.filter_map(|(_, value)| value.as_str()).map(str::to_owned));
}
