//! Bodies, collected whole.
//!
//! All bodies of a call draw on one budget for each direction, so that a call cannot hold more of the host's memory by
//! holding many of them at once.

use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt;

/// A number of bytes that several bodies share.
#[derive(Debug)]
pub(crate) struct Budget {
    total: usize,
    left: AtomicUsize,
}

impl Budget {
    pub(crate) fn new(total: usize) -> Budget {
        Budget { total, left: AtomicUsize::new(total) }
    }

    /// Takes bytes out; all of them, or none when there are too few.
    fn take(&self, bytes: usize) -> Result<(), Incomplete> {
        let taken = self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(bytes));
        taken.map(drop).map_err(|_| Incomplete::Budget(self.total))
    }
}

/// Why a body did not come to its end.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Incomplete {
    /// There are more bytes than the budget had in all.
    Budget(usize),
    /// It ended early.
    Broken(String),
}

/// A whole body, and whether trailers followed it.
pub(crate) async fn collect<B>(body: B, budget: &Budget) -> Result<(Bytes, bool), Incomplete>
where
    B: BodyExt<Data = Bytes>,
    B::Error: fmt::Display,
{
    let mut body = std::pin::pin!(body);
    let mut whole = BytesMut::new();
    let mut has_trailers = false;
    while let Some(frame) = body.frame().await {
        match frame.map_err(|error| Incomplete::Broken(error.to_string()))?.into_data() {
            Ok(data) => {
                budget.take(data.len())?;
                whole.extend_from_slice(&data);
            }
            Err(_) => has_trailers = true,
        }
    }
    Ok((whole.freeze(), has_trailers))
}

#[cfg(test)]
mod tests {
    use http::HeaderMap;
    use http_body_util::Full;

    use super::*;

    #[tokio::test]
    async fn bodies_share_their_budget() {
        let budget = Budget::new(10);
        let collected = async |text: &'static str| collect(Full::from(text), &budget).await.map(|(body, _)| body.len());
        assert_eq!(collected("1234567").await, Ok(7));
        assert_eq!(collected("1234").await, Err(Incomplete::Budget(10)));
        assert_eq!(collected("123").await, Ok(3));
        assert_eq!(collected("").await, Ok(0));
        assert_eq!(collected("1").await, Err(Incomplete::Budget(10)));
    }

    #[tokio::test]
    async fn trailers_are_noticed() {
        let trailers = async { Some(Ok(HeaderMap::new())) };
        let body = Full::from("x").with_trailers(trailers);
        assert_eq!(collect(body, &Budget::new(1)).await, Ok((Bytes::from("x"), true)));
    }
}
