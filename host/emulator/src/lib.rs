//! A stateful emulator of the ZPA SCIM 2.0 API for tests, demos and benchmarks.
//!
//! It owns one independent reading of the reference `zpa-scim.md`, laid down in [`BEHAVIOUR`], with [`Switches`] for what
//! nobody has confirmed, and scripted [`Fault`]s.
//! It must never share code with the connector, bind anything but loopback, or reach another host.
//!
//! ```
//! # tokio::runtime::Runtime::new().unwrap().block_on(async {
//! use portcullis_emulator::{Auth, Emulator, Options};
//!
//! let options = Options {
//!     users: 250,
//!     groups: 12,
//!     auth: Auth::Token("open-sesame".to_owned()),
//!     faults: vec!["status=429 retry-after=1s path=/Users nth=3".parse()?],
//!     ..Options::default()
//! };
//! let emulator = Emulator::start(options).await?;
//! assert!(emulator.endpoint().ends_with("/scim/1/111222333444555666/v2"));
//! assert_eq!(emulator.directory().user_count(), 250);
//! assert!(emulator.exchanges().is_empty());
//! emulator.shutdown().await;
//! # Ok::<(), Box<dyn std::error::Error>>(()) }).unwrap();
//! ```

#![warn(missing_docs)]

mod answer;
mod behaviour;
mod connection;
mod date;
mod directory;
mod discovery;
mod emulator;
mod error_body;
mod exchange;
mod fault;
mod filter;
mod json;
mod late;
mod options;
mod pace;
mod page;
mod projection;
mod query;
mod reply;
mod route;
mod selection;
mod state;
mod switches;
mod wire;
mod write;

pub use behaviour::{BEHAVIOUR, Behaviour, Mark};
pub use directory::{At, Directory, Group, LoadError, Refusal, Shape, User};
pub use emulator::Emulator;
pub use exchange::Exchange;
pub use fault::{
    Cut, Fault, FaultError, Kind, ListMember, Replacement, ResetPoint, Retry, RetryAfter, RowFault, Selector, Total,
};
pub use options::{Auth, Options};
pub use switches::{
    AbsentMember, ActiveForm, AtZero, Deactivation, DelayedReads, Duplicate, DuplicateMember, Effect, EmailPair,
    EmailReplacement, EmptyResources, EnterpriseAtRoot, ErrorBody, ExtensionUrn, GroupMembers, GroupPatchAnswer,
    InactiveUsers, ItemsPerPage, Listed, Locations, MemberRemoval, OverLong, OverMaximum, PastTheEnd, Permission,
    Projection, Put, Recreation, SecondDelete, SwitchError, Switches, Turn, UnknownAttributes, UnknownFilter,
    UnknownMember, WrongIdp,
};
