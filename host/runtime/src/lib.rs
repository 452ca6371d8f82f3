//! Runs user-directory connectors: WASI components of the world `connector` of `wit/`. A connector gets HTTP to one
//! account of its vendor and nothing else, and the account's token goes on the wire without the connector ever having
//! it.
//!
//! ```no_run
#![doc = include_str!("../examples/embed.rs")]
//! ```
//!
//! Three things live for different times. A [`Runtime`] lives as long as the process: it compiles, it keeps time, and
//! it is where the operator loosens rules. A [`Connector`] is a loaded component. An [`AccountDirectory`] is a
//! connector bound to an [`Account`] and a [`CredentialProvider`]; it implements
//! [`Directory`](portcullis_directory::Directory), and each of its functions is one call.
//!
//! A component is loaded when it is the pinned one, where one is pinned, imports nothing outside its [profile](Imports),
//! and exports the contract in this version. No profile has files or sockets.
//!
//! What holds for each call:
//!
//! - It gets a fresh instance, which is dropped with it. Nothing of one call can be reached from the next.
//! - It has [`Limits`] of memory, CPU and wall time, requests and bytes, which an account may have lower. A connector
//!   that traps, exits, loops or grows ends its own call with an error whose code is `guest-fault`, `timeout` or
//!   `limit`, and no other.
//! - It waits for others in a bounded queue, for a bounded time, and no account has more than its share of the calls
//!   that run; beyond that it is refused at once with code `busy`. An [urgent](AccountDirectory::urgent) one goes first.
//! - A request goes to the account's scheme, host, port and path prefix, or nowhere; over `https`, or to a loopback
//!   address that the operator allowed; to an address of the public internet, or one that the operator allowed.
//! - The token is fetched when everything else has been checked. It is taken out of the reply, as are cookies, before
//!   the connector sees a byte of it.
//! - Its requests go out at the account's [`Pace`], those of an [urgent](AccountDirectory::urgent) handle first.
//! - No redirect is followed, and no write that the vendor may have done is sent again, unless doing it twice is doing
//!   it once.
//! - In a [dry run](AccountDirectory::dry_run) no write is sent at all.
//! - When a call fails, its `effect` says whether the vendor may have seen a write, also where the connector can no
//!   longer say it.
//!
//! # What a subscriber of `tracing` is told
//!
//! Two spans at level `info`, whose targets, names and fields stay as they are:
//!
//! | Target and name | Fields |
//! |---|---|
//! | `portcullis::call`, `call` | `operation` (`update-user`), `account` ([`Account::called`], or the host), `server.address`; at its end `outcome` (`answered`, or the kind of the error), `requests`, and of an error `blame` (`caller`, `vendor`, `guest`, `host`), `effect` and `error.type` |
//! | `portcullis::request`, `request`, one for each try | `http.request.method`, `url.template` (`Users/{}`), `server.address`, `http.request.resend_count`, `pace.wait` (seconds); at its end `http.response.status_code` and `error.type` |
//!
//! A span of a call without an `outcome` is one that was given up. A request for which there is no turn is an event
//! `no turn` of target `portcullis::request`, and a try that is repeated an event `trying again`. Names with dots are
//! those of OpenTelemetry's semantic conventions. At `info` and above nothing is about a person: no id, no name, no
//! query, no body, and of a path the template alone. The token is at no level.
//!
//! Nothing in this crate knows a vendor or SCIM, reads an environment variable or prints.

#![warn(missing_docs)]

mod account;
mod background;
mod binding;
mod cache;
mod call;
mod certificate;
mod connector;
mod contract;
mod conversion;
mod cpu;
mod credential;
mod digest;
mod directory;
mod dry_run;
mod egress;
mod engine;
mod epoch;
mod error;
#[cfg(test)]
mod guest;
mod limit;
mod meter;
mod origin;
mod outbound;
mod output;
mod pace;
mod profile;
mod room;
mod runtime;
mod secret;
mod span;
mod state;
mod terms;
mod witness;

pub use account::Account;
pub use cache::CodeKey;
pub use certificate::{Authorities, ClientCertificate};
pub use connector::Connector;
pub use credential::{Anonymous, Credential, CredentialError, CredentialProvider, Noted, StaticToken};
pub use digest::Digest;
pub use directory::AccountDirectory;
pub use dry_run::{DryRun, UnsentRequest};
pub use egress::resolver::{Addresses, Resolver};
pub use error::{Blame, Error};
pub use limit::Limits;
pub use outbound::Outbound;
pub use pace::Pace;
pub use pace::shared::SharedPace;
pub use profile::Imports;
pub use runtime::{Runtime, RuntimeBuilder};
pub use secret::Secret;
pub use terms::Terms;
pub use witness::Witness;
