//! A pack out of the database alone, when no server answers.

use std::path::Path;

use anyhow::Context as _;
use index::{Draft, Loading, Visibility};
use store::Store;

use super::{addresses, chain_text, model_files};
use crate::config::Loaded;

/// Reads the catalog from the database and prepares its pack.
///
/// # Errors
/// When the database cannot be found, opened or read.
pub async fn prepare(loaded: &Loaded, data: Option<&Path>, database: Option<&str>) -> anyhow::Result<pack::Prepared> {
    let config = &loaded.config;
    let url = match database {
        Some(url) => url.to_owned(),
        None => addresses::database_url(config, None, &addresses::data_folder_in_use(config, data)?)?,
    };
    let kinds = model_files::load(&config.model)?;
    let store = Store::open_beside(&url).await.map_err(|error| anyhow::anyhow!("{}", chain_text(&error)))?;
    let mut loading = Loading::default();
    let loaded_seq = store.load_each(Draft::new, |draft| loading.add(draft)).await;
    let seq = loaded_seq.context("the catalog could not be read")?;
    store.close().await;
    let view = loading.finish(seq).snapshot().view(Visibility::Everything);
    let base_url = config.base_url.clone().unwrap_or_default();
    let settings = web::WebSettings {
        kinds: kinds.table().iter().map(super::show_kind).collect(),
        ..super::web_settings(config, &base_url, &url)
    };
    Ok(web::prepare_pack(&view, &settings)?)
}
