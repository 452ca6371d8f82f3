//! The connections of the proxy: so many at once, each for as long as it is used.

use std::sync::Arc;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::task::JoinSet;

use super::answer::answer;
use super::gate::Gate;
use crate::auditing::Recorded;

/// Answers requests until `end` does, and then those that are under way; a second `end` leaves those, too.
pub(super) async fn serve<E>(
    listener: TcpListener,
    gate: Gate,
    directory: Recorded,
    end: impl Fn() -> E,
) -> anyhow::Result<()>
where
    E: Future<Output = anyhow::Result<()>>,
{
    let (room, gate) = (Arc::new(Semaphore::new(CONNECTIONS)), Arc::new(gate));
    let (close, closing) = watch::channel(false);
    let mut connections = JoinSet::new();
    let mut ended = std::pin::pin!(end());
    loop {
        tokio::select! {
            done = &mut ended => break done?,
            (stream, place) = accept(&listener, &room) => {
                let connection = serve_one(stream, Arc::clone(&gate), directory.clone(), closing.clone());
                connections.spawn(async move {
                    connection.await;
                    drop(place);
                });
            }
            // So that what is over is forgotten.
            Some(_) = connections.join_next() => {}
        }
    }
    drop(listener);
    close.send_replace(true);
    let drained = async { while connections.join_next().await.is_some() {} };
    tokio::select! {
        () = drained => Ok(()),
        () = tokio::time::sleep(DRAIN) => Ok(()),
        done = end() => done,
    }
}

/// The next connection, once there is room for it. Until then it waits with the system, which refuses what is too much.
async fn accept(listener: &TcpListener, room: &Arc<Semaphore>) -> (TcpStream, Option<OwnedSemaphorePermit>) {
    // Nobody closes the room.
    let place = Arc::clone(room).acquire_owned().await.ok();
    loop {
        match listener.accept().await {
            Ok((stream, _)) => return (stream, place),
            // Usually there are no descriptors left, which takes a while to mend itself.
            Err(_) => tokio::time::sleep(PAUSE).await,
        }
    }
}

/// A client that breaks off, or sends what is no HTTP, has lost its connection and nothing else.
async fn serve_one(stream: TcpStream, gate: Arc<Gate>, directory: Recorded, mut closing: watch::Receiver<bool>) {
    let service = service_fn(|request| {
        let (gate, directory) = (Arc::clone(&gate), directory.clone());
        async move { answer(&gate, &directory, request).await }
    });
    let mut builder = http1::Builder::new();
    // Counts while the connection is idle, too.
    builder.timer(TokioTimer::new()).header_read_timeout(IDLE).max_buf_size(HEAD);
    let mut connection = std::pin::pin!(builder.serve_connection(TokioIo::new(stream), service));
    let closed = async {
        // An end that cannot be waited for has come.
        let _ = closing.wait_for(|closing| *closing).await;
    };
    tokio::select! {
        _ = connection.as_mut() => {}
        () = closed => {
            connection.as_mut().graceful_shutdown();
            let _ = connection.await;
        }
    }
}

/// Connections at the same moment.
const CONNECTIONS: usize = 128;
/// How long a client may take for the head of a request, and leave a connection idle.
const IDLE: Duration = Duration::from_secs(30);
/// Bytes of the head of a request.
const HEAD: usize = 32 * 1024;
/// How long requests that are under way may go on at the end.
const DRAIN: Duration = Duration::from_secs(30);
const PAUSE: Duration = Duration::from_millis(100);
