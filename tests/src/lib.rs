//! What the end-to-end tests share: an emulator, a runtime that may reach it, and the connector bound to both. Nothing
//! in it stands in for a part of the product.

pub mod damage;
pub mod neighbours;
pub mod page;
pub mod proxy;
pub mod scenario;

use portcullis_emulator::{Auth, Emulator, Options};
use portcullis_runtime::{Account, AccountDirectory, Anonymous, Connector, Pace, Runtime, StaticToken};
use tokio::sync::OnceCell;

/// The shipped connector, compiled once for all tests of a process.
///
/// # Panics
///
/// When it does not load, which is the end of the test.
#[allow(clippy::unwrap_used, reason = "the harness of tests")]
pub async fn connector() -> Connector {
    static CONNECTOR: OnceCell<Connector> = OnceCell::const_new();
    let load = async || {
        let runtime = Runtime::builder().allow_loopback(true).build().unwrap();
        runtime.load(portcullis_connectors::ZPA).await.unwrap()
    };
    CONNECTOR.get_or_init(load).await.clone()
}

/// The shipped connector for an account at an endpoint, without a pace.
///
/// # Panics
///
/// When it is no endpoint, which is the end of the test.
#[allow(clippy::unwrap_used, reason = "the harness of tests")]
pub async fn directory(endpoint: &str, token: Option<&str>) -> AccountDirectory {
    let (account, connector) = (Account::new(endpoint).unwrap().with_pace(Pace::unlimited()), connector().await);
    match token {
        Some(token) => connector.directory(account, StaticToken::new(token).unwrap()).unwrap(),
        None => connector.directory(account, Anonymous).unwrap(),
    }
}

/// The connector that misbehaves in the way that the method of its pass-through names.
pub const HOSTILE: &[u8] = include_bytes!(env!("PORTCULLIS_HOSTILE_COMPONENT"));

/// The token of every account here.
pub const TOKEN: &str = "token-that-no-connector-may-see";

/// A vendor on loopback, and its account in the sandboxed connector.
pub struct House {
    /// The vendor.
    pub vendor: Emulator,
    /// The connector.
    pub connector: Connector,
    /// The account.
    pub directory: AccountDirectory,
}

impl House {
    /// A vendor with so many users and groups.
    ///
    /// # Panics
    ///
    /// When a part does not come up, which is the end of the test.
    pub async fn new(users: u32, groups: u32) -> House {
        House::with(Options { users, groups, ..Options::default() }, None).await
    }

    /// A vendor with these options, an account with these settings.
    ///
    /// # Panics
    ///
    /// When a part does not come up, which is the end of the test.
    pub async fn with(options: Options, settings: Option<&str>) -> House {
        House::at(Pace::unlimited(), options, settings).await
    }

    /// The same at this pace. Everywhere else nothing waits and nothing is tried again.
    ///
    /// # Panics
    ///
    /// When a part does not come up, which is the end of the test.
    #[allow(clippy::unwrap_used, reason = "the harness of tests")]
    pub async fn at(pace: Pace, options: Options, settings: Option<&str>) -> House {
        let options = Options { auth: Auth::Token(TOKEN.to_owned()), ..options };
        let vendor = Emulator::start(options).await.unwrap();
        let connector = connector().await;
        let account = Account::new(vendor.endpoint()).unwrap().with_pace(pace);
        let account = match settings {
            Some(settings) => account.with_settings(settings),
            None => account,
        };
        let directory = connector.directory(account, StaticToken::new(TOKEN).unwrap()).unwrap();
        House { vendor, connector, directory }
    }
}
