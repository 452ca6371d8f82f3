//! The wire: accepts connections, reads requests, sends replies, cuts and resets where a fault says so.
//! Never decides what a reply says.

use std::future::poll_fn;
use std::io;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt as _, Limited};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::io::AsyncWriteExt as _;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::error_body::Problem;
use crate::reply::Sending;
use crate::state::{Outcome, State};

/// More than any request to ZPA has a use for.
const REQUEST_BODY_LIMIT: usize = 16 * 1024 * 1024;

/// Serves until told to stop, then lets the connections finish what they are at.
pub(crate) async fn accept(listener: TcpListener, state: Arc<State>, mut stop: watch::Receiver<bool>) {
    let mut connections = JoinSet::new();
    loop {
        let accepted = tokio::select! {
            _ = stop.wait_for(|stop| *stop) => break,
            accepted = listener.accept() => accepted,
            Some(_) = connections.join_next() => continue,
        };
        // A client that is gone before it was accepted hurts nobody.
        let Ok((stream, _)) = accepted else { continue };
        if state.script().resets_connection() {
            let _ = stream.set_zero_linger();
            continue;
        }
        let _ = stream.set_nodelay(true);
        connections.spawn(serve(stream, Arc::clone(&state), stop.clone()));
    }
    drop(listener);
    while connections.join_next().await.is_some() {}
}

async fn serve(stream: TcpStream, state: Arc<State>, mut stop: watch::Receiver<bool>) {
    let service = service_fn(move |request| Box::pin(respond(Arc::clone(&state), request)));
    let mut connection = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
    let mut stopping = pin!(stop.wait_for(|stop| *stop));
    let mut is_stopping = false;
    let ended = poll_fn(|context| {
        if !is_stopping && stopping.as_mut().poll(context).is_ready() {
            is_stopping = true;
            Pin::new(&mut connection).graceful_shutdown();
        }
        connection.poll_without_shutdown(context)
    })
    .await;
    let mut stream = connection.into_parts().io.into_inner();
    if ended.is_err_and(|error| is_reset(&error)) {
        let _ = stream.set_zero_linger();
    } else {
        let _ = stream.shutdown().await;
    }
}

async fn respond(state: Arc<State>, request: Request<Incoming>) -> Result<Response<Sending>, io::Error> {
    let (head, body) = request.into_parts();
    let Ok(body) = Limited::new(body, REQUEST_BODY_LIMIT).collect().await else {
        let problem = Problem::new(413, "the body is too long or was cut short");
        return Ok(problem.reply(state.error_body()).into_response());
    };
    let body: Bytes = body.to_bytes();
    match state.handle(&head, &body) {
        Outcome::Reset => Err(io::ErrorKind::ConnectionReset.into()),
        Outcome::Reply { reply, delay } => {
            if delay > Duration::ZERO {
                tokio::time::sleep(delay).await;
            }
            Ok(reply.into_response())
        }
    }
}

/// True where the error is the one that [`respond`] makes for a reset.
fn is_reset(error: &hyper::Error) -> bool {
    let cause = std::error::Error::source(error).and_then(|cause| cause.downcast_ref::<io::Error>());
    error.is_user() && cause.is_some_and(|cause| cause.kind() == io::ErrorKind::ConnectionReset)
}
