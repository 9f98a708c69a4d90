//! Sentences: many shapes for each role, so that no two neighbours sound alike. `{subject}` and its like are filled in by
//! `wording`.

/// What a component, API or resource is to its system.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    Service,
    BackOffice,
    ShopFront,
    Backend,
    GraphQl,
    Fast,
    Stream,
    Job,
    Library,
    Showcase,
    Adapter,
    Poller,
    Scoring,
    Training,
    Evaluation,
    Report,
    Sync,
    Importer,
    Cleaner,
    Notifier,
    Exporter,
    Replayer,
    Loader,
    Client,
    Api,
    EventApi,
    Database,
    Cache,
    Bucket,
    Queue,
    Topic,
    ThirdParty,
}

impl Role {
    /// Whether a sentence about the domain's habits may follow.
    pub(super) fn takes_fact(self) -> bool {
        matches!(self, Self::Service | Self::BackOffice | Self::Fast | Self::Adapter | Self::Scoring)
    }

    /// Sentences around an indirect question; empty when the noun-phrase ones do not use the subject.
    pub(super) fn question_shapes(self) -> &'static [&'static str] {
        match self {
            Self::Service | Self::Fast | Self::GraphQl | Self::Backend => &[
                "Knows {subject}.",
                "Asked by others: {subject}.",
                "{Subject}: decided here and nowhere else.",
                "Settles {subject}, once, for every caller.",
                "Writes down {subject}, with date and cause.",
                "Remembers {subject}.",
            ],
            Self::BackOffice => &[
                "Screens that show {subject}.",
                "The place to look up {subject}.",
                "{Subject}, on one page with a search field.",
                "Where the team sees {subject} and can step in.",
            ],
            Self::Stream | Self::Job | Self::Adapter | Self::Scoring => &[
                "Works out {subject}.",
                "Finds out {subject} and passes it on.",
                "{Subject}, worked out from what others publish.",
                "Watches the stream and learns {subject}.",
            ],
            Self::ShopFront => {
                &["Shows shoppers {subject}.", "Pages about {subject}.", "{Subject}, in the shop's own look."]
            }
            Self::Library => {
                &["Code that decides {subject}.", "{Subject}, as a dependency of forty lines and many tests."]
            }
            Self::Api => &["Ask it {subject}.", "Tells callers {subject}.", "{Subject}, for machines."],
            Self::EventApi => &["Events that tell {subject}.", "Says {subject}, as it changes."],
            _ => &[],
        }
    }

    /// Sentences around a noun phrase.
    pub(super) fn shapes(self) -> &'static [&'static str] {
        match self {
            Self::Service => &[
                "Keeps {subject}.",
                "Source of record for {subject}.",
                "{Subject}. Others ask here instead of copying.",
                "Stores and serves {things}: {subject}.",
                "{Subject}, behind one API.",
                "Read and write access to {subject}.",
                "Looks after {subject}.",
                "Holds {subject}, and tells whoever must know.",
                "What software needs to know about {things}: {subject}.",
                "Validates {things} and keeps their history. In short: {subject}.",
                "{Subject}, with an audit trail.",
                "Home of {subject}.",
            ],
            Self::BackOffice => &[
                "Screens for {subject}.",
                "The desk from which people look after {things}: {subject}.",
                "Browser front end to {subject}.",
                "Lists, filters and mends {things}.",
                "Where colleagues work on {subject}, with undo.",
                "A plain web tool for {subject}. Keyboard first.",
                "{Subject}, on one screen.",
                "{Title} for people: search, compare, approve.",
                "Day-to-day screens around {things}.",
            ],
            Self::ShopFront => &[
                "Renders {subject}.",
                "Pages for shoppers: {subject}.",
                "{Subject}, as shoppers see them.",
                "Micro-frontend for {subject}, mounted by the storefront shell.",
                "The visible half: {subject}.",
            ],
            Self::Backend => &[
                "Gathers what the {Title} pages need in one call.",
                "Backend for the {Title} pages; joins, trims and caches.",
                "Shapes data for {Title} so that the page stays thin.",
                "Server side of {Title}. Holds no state of its own beyond a cache.",
            ],
            Self::GraphQl => &[
                "Resolves {subject} as a graph.",
                "GraphQL over {subject}; pages pick what they show.",
                "{Subject}, for front ends that know what they want.",
            ],
            Self::Fast => &[
                "{Subject}, answered within five milliseconds.",
                "Looks up {subject} from memory.",
                "In the hot path: {subject}.",
                "Small, quick and asked by everybody: {subject}.",
                "Serves {subject} over gRPC.",
            ],
            Self::Stream => &[
                "{Subject}, picked from the event stream.",
                "Turns raw events into {things}: {subject}.",
                "Listens, joins and publishes {things}. In plain words: {subject}.",
                "Stream processor behind {Title}: {subject}.",
                "Emits a {thing} whenever the stream holds one: {subject}.",
                "{Subject}, seconds after they happen.",
                "Recognises {things} in passing: {subject}.",
            ],
            Self::Job => &[
                "Prepares {things}: {subject}.",
                "Scheduled work on {subject}.",
                "Each night anew: {subject}.",
                "Batch run over {things}, that is, {subject}.",
                "Computes {things} and leaves them where others find them: {subject}.",
                "{Subject}, worked out in one go.",
                "Goes through {subject} and reports what stood out.",
            ],
            Self::Library => &[
                "Library for {subject}.",
                "{Subject}, shared as code.",
                "A dependency of many: {subject}.",
                "Small, tested, without surprises: {subject}.",
            ],
            Self::Showcase => &[
                "Examples and documentation of {Title}, built from its main branch.",
                "Shows {Title} in use, with code to copy.",
            ],
            Self::Adapter => &[
                "Connects us with a company outside: {subject}.",
                "Translates between our events and a partner's interface: {subject}.",
                "Adapter for {subject}. Retries with patience.",
                "Hides a third party's habits from everybody else: {subject}.",
                "{Subject}, spoken in a supplier's dialect.",
                "Sends and fetches {things}. In short: {subject}.",
            ],
            Self::Poller => &[
                "Asks the provider behind {Title} for news, since it never calls us.",
                "Fetches {things} from the provider every few minutes.",
                "Polls the partner and hands new {things} to the adapter.",
                "Looks for new {things} on the partner's file server.",
            ],
            Self::Scoring => &[
                "Serves the model behind {subject}.",
                "Inference for {Title}: {subject}.",
                "{Subject}: the answering half.",
                "Returns a {thing} and how sure it is of it: {subject}.",
                "{Subject}, from a model that is a day old at most.",
            ],
            Self::Training => &[
                "Trains the {Title} model and refuses to publish a worse one.",
                "Fits next week's {Title} model.",
                "Learns from the lake; output is a model of {Title} with its report.",
                "Nightly training for {Title}, on consented data only.",
                "Turns last year's data into a model for {Title}.",
            ],
            Self::Evaluation => &[
                "Compares the {Title} model with its predecessor on held-out weeks.",
                "Scores {Title} against what really happened.",
                "Watches the {Title} model for drift.",
            ],
            Self::Report => &[
                "Writes a short report on {things} for the Monday round.",
                "Charts of {things}, mailed to whoever subscribed.",
                "Shows the last runs of {Title} and what they found.",
                "One page on {things}: counts, trends, outliers.",
                "{Title} at a glance, for people without SQL.",
            ],
            Self::Sync => &[
                "Copies changed {things} into the lake twice an hour.",
                "Keeps the lake's copy of {things} in step.",
                "Change feed of {Title} into the lake.",
                "Mirrors {things} for analysts.",
            ],
            Self::Importer => &[
                "Reads {things} from older systems until those are gone.",
                "Takes in bulk files with {things}, row by row, with a report of what was refused.",
                "Imports {things}; safe to run twice.",
                "First load and yearly refresh of {things}.",
                "Brings {things} over from spreadsheets that nobody admits to.",
            ],
            Self::Cleaner => &[
                "Removes {things} whose time is up.",
                "Expires old {things} at night.",
                "Applies retention rules to {things}.",
                "Forgets {things} when the law says so.",
                "Keeps {Title} small: archives, then deletes.",
            ],
            Self::Notifier => &[
                "Tells people and services when {things} change.",
                "Publishes changed {things} from the outbox.",
                "Turns changes of {things} into messages.",
                "Speaks up when a {thing} needs somebody.",
                "Sends news of {Title} to chat and mail.",
            ],
            Self::Exporter => &[
                "Exports {things} for auditors and spreadsheets.",
                "Writes {things} as CSV every morning.",
                "Daily extract of {things}.",
                "Hands {things} to finance in the format that finance likes.",
                "Puts {things} into the lake, once a day.",
            ],
            Self::Replayer => &[
                "Plays past events through {Title} again after a fix.",
                "Rebuilds {things} from the first event on.",
                "Backfills {things} when a rule changed.",
                "Second chance for {Title}: runs a day again, idempotently.",
            ],
            Self::Loader => &[
                "Fills the store behind {Title} from events.",
                "Warms {Title} before traffic arrives.",
                "Loads {things} in bulk after a restart.",
            ],
            Self::Client => &[
                "Client library of {Title} with caching and sensible timeouts.",
                "What callers of {Title} should use instead of raw HTTP.",
                "Typed client for {Title}, generated and then made pleasant.",
                "Client for {Title}: retries, deadlines, a fake for tests.",
            ],
            Self::Api => &[
                "{Subject}.",
                "Read and change {things}.",
                "Access to {subject}.",
                "The contract around {things}.",
                "{Title} for other teams.",
                "Ask for {things}; {subject}.",
                "Everything that {Title} offers to callers.",
            ],
            Self::EventApi => &[
                "Events about {things}.",
                "What happens to {things}, as it happens.",
                "Facts about {things}; kept for thirty days.",
                "{Subject}, as events.",
            ],
            Self::Database => &[
                "Working data of {Title}.",
                "Tables behind {Title}.",
                "Holds {things}.",
                "{Title}: primary and one replica.",
                "Persistent state of {Title}, backed up hourly.",
                "Where {things} live.",
                "{things}, with point-in-time recovery for fourteen days.",
                "Everything {Title} must not lose.",
            ],
            Self::Cache => &["Recently read {things}.", "Takes the heat off {Title}.", "Hot {things}, safe to lose."],
            Self::Bucket => &["Files of {Title}.", "Results and inputs of {Title}.", "Object storage for {things}."],
            Self::Queue => {
                &["Work waiting for {Title}.", "{things} on their way.", "Decouples {Title} from its callers."]
            }
            Self::Topic => &[
                "Topic with {things}.",
                "Stream of {things}, three partitions per region.",
                "Carries {things} to whoever subscribed.",
            ],
            Self::ThirdParty => &[
                "The company on the other side of {Title}.",
                "Provider behind {Title}; contract renewed yearly.",
                "Outside service that {Title} relies on.",
                "Third party for {things}.",
                "Partner for {Title} since 2021, with a named contact.",
                "Small provider of {things}; answers mails within the hour.",
                "Does for us what {Title} needs and nobody here can.",
            ],
        }
    }
}
