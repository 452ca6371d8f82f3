//! The handle of a running emulator: where it listens, what it saw, what it holds.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::ops::{Deref, DerefMut};
use std::sync::Arc;

use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::Options;
use crate::connection;
use crate::directory::{At, Directory, Refusal, User};
use crate::exchange::Exchange;
use crate::fault::Fault;
use crate::state::State;

/// A ZPA SCIM server on a port of 127.0.0.1. Dropping it stops it at once.
#[derive(Debug)]
pub struct Emulator {
    state: Arc<State>,
    address: SocketAddr,
    endpoint: String,
    stop: watch::Sender<bool>,
    accepting: Option<JoinHandle<()>>,
}

impl Emulator {
    /// Generates the directory and starts to serve it on the runtime of the caller.
    pub async fn start(options: Options) -> io::Result<Self> {
        let (users, groups, seed) = (options.users, options.groups, options.seed);
        let generation = tokio::task::spawn_blocking(move || Directory::generate(users, groups, seed));
        let directory = generation.await.map_err(io::Error::other)?;
        Self::start_with(directory, options).await
    }

    /// Serves a directory that is at hand; `users`, `groups` and `seed` of the options go unread.
    pub async fn start_with(directory: Directory, options: Options) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, options.port)).await?;
        let address = listener.local_addr()?;
        let endpoint = format!("http://{address}/scim/1/{}/v2", options.idp);
        let state = Arc::new(State::new(directory, options, &endpoint));
        let (stop, stopped) = watch::channel(false);
        let accepting = tokio::spawn(connection::accept(listener, Arc::clone(&state), stopped));
        Ok(Self { state, address, endpoint, stop, accepting: Some(accepting) })
    }

    /// `http://127.0.0.1:PORT/scim/1/{idp}/v2`, as an administrator would copy it (zpa-scim.md 1).
    pub fn endpoint(&self) -> String {
        self.endpoint.clone()
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The newest exchanges, oldest first, as many as [`Options::record`] says.
    /// An exchange is here before its reply is on the wire.
    pub fn exchanges(&self) -> Vec<Exchange> {
        self.state.record().kept()
    }

    /// How many requests arrived since the start or the last [`Self::clear_exchanges`], kept or not.
    pub fn request_count(&self) -> u64 {
        self.state.record().count()
    }

    /// Forgets the exchanges and counts from zero.
    pub fn clear_exchanges(&self) {
        self.state.record().clear();
    }

    /// Puts a fault in force, behind those that are. It counts from now.
    pub fn add_fault(&self, fault: Fault) {
        self.state.script().add(fault);
    }

    /// Ends all faults.
    pub fn clear_faults(&self) {
        self.state.script().clear();
    }

    /// The truth, to compare with. Requests that change the directory wait while this is held.
    pub fn directory(&self) -> impl Deref<Target = Directory> {
        self.state.directory()
    }

    /// The truth, to be changed mid-run. Every request waits while this is held.
    pub fn directory_mut(&self) -> impl DerefMut<Target = Directory> {
        self.state.directory_mut()
    }

    /// Every user in list order.
    pub fn users(&self) -> Vec<User> {
        self.directory().users().collect()
    }

    /// Adds a user at the end of the list and answers its id.
    pub fn add_user(&self, user: User) -> Result<String, Refusal> {
        self.directory_mut().add_user(user, At::End)
    }

    /// Removes a user, from its groups as well, and answers what it was.
    pub fn remove_user(&self, id: &str) -> Result<User, Refusal> {
        self.directory_mut().remove_user(id)
    }

    /// Stops accepting, lets the replies under way finish, and frees the port.
    pub async fn shutdown(mut self) {
        let _ = self.stop.send(true);
        if let Some(accepting) = self.accepting.take() {
            let _ = accepting.await;
        }
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        if let Some(accepting) = &self.accepting {
            accepting.abort();
        }
    }
}
