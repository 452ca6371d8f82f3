//! What becomes of calls of connectors that misbehave, whatever the allocator.

use super::*;
use crate::cpu::Bench;
use crate::credential::StaticToken;
use crate::egress::failure::Failure;
use crate::egress::tests::egress;
use crate::profile::Imports;
use crate::runtime::Runtime;
use crate::terms::Terms;
use crate::{engine, guest};

/// What becomes of a call of a connector that does this.
async fn called(instructions: &str, limits: Limits) -> Error {
    called_in(&Runtime::builder().limits(limits).build().unwrap(), instructions).await
}

async fn called_in(runtime: &Runtime, instructions: &str) -> Error {
    called_with(runtime, &guest::component(instructions), None).await
}

async fn called_with(runtime: &Runtime, component: &[u8], egress: Option<Arc<Egress>>) -> Error {
    called_on(runtime, component, Terms::default(), egress).await
}

async fn called_on(runtime: &Runtime, component: &[u8], terms: Terms, egress: Option<Arc<Egress>>) -> Error {
    let (component, _) = runtime.0.link(component, terms).unwrap();
    let mut call = match Call::start(&runtime.0, &component, caller(runtime, egress)).await {
        Ok(call) => call,
        Err(error) => return error,
    };
    call.describe().await.unwrap_err()
}

fn caller(runtime: &Runtime, egress: Option<Arc<Egress>>) -> Caller {
    Caller { number: runtime.0.room.newcomer(), cpu: cpu(&runtime.0.limits), limits: runtime.0.limits, egress }
}

fn cpu(limits: &Limits) -> Arc<CpuTime> {
    Arc::new(CpuTime::new(limits.cpu_time, Bench::default()))
}

fn watch() -> Watch {
    Watch::new(&limits(), Room::new(&limits()), cpu(&limits()))
}

const LOOP: &str = "(loop $again br $again)";
const GROW: &str = "(loop $again (drop (memory.grow (i32.const 16))) br $again)";

fn limits() -> Limits {
    Limits { concurrent_calls: 4, ..Limits::default() }
}

/// For what never ends by itself.
fn brief() -> Limits {
    Limits { call_time: Duration::from_millis(100), ..limits() }
}

#[tokio::test]
async fn a_trap_is_the_connectors_fault() {
    let error = called("", limits()).await;
    assert_eq!(error.message, "the connector failed: wasm trap: wasm `unreachable` instruction executed");
    assert_eq!((error.kind, error.is_guest_fault(), error.effect), (ErrorKind::Protocol, true, Effect::None));
}

#[tokio::test]
async fn endless_recursion_is_the_connectors_fault() {
    let error = called("call $deep", limits()).await;
    assert_eq!(error.message, "the connector failed: wasm trap: call stack exhausted");
    assert!(error.is_guest_fault());
}

#[tokio::test]
async fn an_endless_loop_ends_in_time_and_lets_others_work() {
    // One thread for both calls: the loop has to give way.
    let (endless, other) = tokio::join!(called(LOOP, brief()), called("", limits()));
    assert_eq!(endless.message, "the connector did not answer within 100ms");
    assert_eq!((endless.kind, endless.is_timeout()), (ErrorKind::Unavailable, true));
    assert!(other.is_guest_fault());
}

/// So little CPU time that a loop has it in a moment, and so much time that only a failure takes it.
fn busy() -> Limits {
    Limits { cpu_time: Duration::from_millis(50), call_time: Duration::from_mins(5), ..limits() }
}

#[tokio::test]
async fn a_connector_that_computes_meets_its_limit_long_before_the_call_is_over() {
    let error = called(LOOP, busy()).await;
    assert_eq!(error.message, format!("the connector used more than 50ms of {}", crate::cpu::NAME));
    assert_eq!((error.kind, error.is_limit()), (ErrorKind::Unavailable, true));
}

#[tokio::test]
async fn every_one_of_several_that_share_a_thread_meets_its_limit_and_others_meet_none() {
    let runtime = Runtime::builder().limits(busy()).build().unwrap();
    let looping = guest::component(LOOP);
    let hostile = || called_with(&runtime, &looping, None);
    let modest = async {
        // While the others loop, and by turns with them.
        for _ in 0..5 {
            assert!(called_in(&runtime, "").await.is_guest_fault());
        }
    };
    let (first, second, third, ()) = tokio::join!(hostile(), hostile(), hostile(), modest);
    assert!([first, second, third].iter().all(Error::is_limit));
}

#[tokio::test]
async fn a_connector_that_waits_computes_nothing() {
    // It blocks on a clock, in many polls of the host and none of its own that lasts.
    let waits = r#"
          (call $"[method]pollable.block" (call $"subscribe-duration" (i64.const 120000000)))
      "#;
    let limits = Limits { cpu_time: Duration::from_millis(60), ..busy() };
    let start = Instant::now();
    let error = called_on(&runtime_of(limits), &guest::std_component(waits), STD, None).await;
    assert!(error.is_guest_fault(), "{error}");
    assert!(start.elapsed() >= Duration::from_millis(120));
}

fn runtime_of(limits: Limits) -> Runtime {
    Runtime::builder().limits(limits).build().unwrap()
}

const STD: Terms = Terms { imports: Imports::Std, digest: None };

/// What becomes of a call of a connector of the profile `std`.
async fn called_std(instructions: &str) -> String {
    called_on(&runtime_of(limits()), &guest::std_component(instructions), STD, None).await.to_string()
}

#[tokio::test]
async fn an_exit_is_the_connectors_fault_whatever_the_status() {
    for status in [0, 1] {
        let told = called_std(&format!(r#"(call $"exit" (i32.const {status}))"#)).await;
        assert_eq!(told, format!("the connector exited with status {status} (`guest-fault`)"));
    }
}

#[tokio::test]
async fn a_std_connector_finds_nothing_of_the_host() {
    // Each of these exits where there is something.
    let told = called_std(
        r#"
          (call $"get-environment" (i32.const 0))
          (if (i32.load (i32.const 4)) (then (call $"exit" (i32.const 1))))
          (call $"get-arguments" (i32.const 0))
          (if (i32.load (i32.const 4)) (then (call $"exit" (i32.const 1))))
          (call $"initial-cwd" (i32.const 0))
          (if (i32.load8_u (i32.const 0)) (then (call $"exit" (i32.const 1))))
          (call $"get-terminal-stdin" (i32.const 0))
          (if (i32.load8_u (i32.const 0)) (then (call $"exit" (i32.const 1))))
          (call $"get-terminal-stdout" (i32.const 0))
          (if (i32.load8_u (i32.const 0)) (then (call $"exit" (i32.const 1))))
          (call $"get-terminal-stderr" (i32.const 0))
          (if (i32.load8_u (i32.const 0)) (then (call $"exit" (i32.const 1))))
          ;; Standard input is at its end: an error, and of the kind `closed`.
          (call $"[method]input-stream.blocking-read" (call $"get-stdin") (i64.const 9) (i32.const 0))
          (if (i32.eqz (i32.load8_u (i32.const 0))) (then (call $"exit" (i32.const 1))))
          (if (i32.ne (i32.load8_u (i32.const 4)) (i32.const 1)) (then (call $"exit" (i32.const 1))))
          "#,
    )
    .await;
    assert_eq!(told, TRAPPED);
}

#[tokio::test]
async fn a_std_connector_has_random_numbers_but_not_without_a_bound() {
    let told = called_std(
          r#"
          (if (i64.eq (call $"get-random-u64") (call $"get-random-u64")) (then (call $"exit" (i32.const 1))))
          (if (i64.eq (call $"get-insecure-random-u64") (call $"get-insecure-random-u64")) (then (call $"exit" (i32.const 1))))
          (call $"insecure-seed" (i32.const 0))
          (if (i64.eqz (i64.load (i32.const 0))) (then (call $"exit" (i32.const 1))))
          "#,
      )
      .await;
    assert_eq!(told, TRAPPED);
    for function in ["get-random-bytes", "get-insecure-random-bytes"] {
        let told = called_std(&format!(r#"(call $"{function}" (i64.const 65537) (i32.const 0))"#)).await;
        let message = "the connector failed: requested len 65537 exceeds limit 65536 (`guest-fault`)";
        assert_eq!(told, message, "{function}");
    }
}

#[tokio::test]
async fn a_std_connector_prints_as_much_as_it_likes() {
    // What becomes of it is the log's affair; the connector is told that it was taken.
    let told = called_std(
        r#"
          (i32.store (i32.const 512) (call $"get-stdout"))
          (i32.store (i32.const 516) (i32.const 1000))
          (loop $again
              (call $"[method]output-stream.blocking-write-and-flush"
                  (i32.load (i32.const 512)) (i32.const 1024) (i32.const 4096) (i32.const 0))
              (if (i32.load8_u (i32.const 0)) (then (call $"exit" (i32.const 1))))
              (i32.store (i32.const 516) (i32.sub (i32.load (i32.const 516)) (i32.const 1)))
              (br_if $again (i32.load (i32.const 516))))
          (drop (call $"get-stderr"))
          "#,
    )
    .await;
    assert_eq!(told, TRAPPED);
}

const TRAPPED: &str = "the connector failed: wasm trap: wasm `unreachable` instruction executed (`guest-fault`)";

#[tokio::test]
async fn handles_and_instances_have_an_end() {
    let leak = r#"(loop $again (drop (call $"[constructor]fields")) br $again)"#;
    let error = called(leak, Limits { handles: 100, ..limits() }).await;
    assert_eq!(error.to_string(), "the connector failed: resource table has no free keys (`guest-fault`)");
    let error = called("", Limits { instances: 0, ..limits() }).await;
    let told = "the connector failed: resource limit exceeded: instance count too high at 1 (`guest-fault`)";
    assert_eq!(error.to_string(), told);
}

#[tokio::test]
async fn an_account_may_have_less_than_the_runtime() {
    let runtime = runtime_of(limits());
    let (component, _) = runtime.0.link(&guest::component(GROW), Terms::default()).unwrap();
    let less = Limits { memory: 1 << 20, ..runtime.0.limits };
    let mut call =
        Call::start(&runtime.0, &component, Caller { limits: less, ..caller(&runtime, None) }).await.unwrap();
    let error = call.describe().await.unwrap_err();
    assert_eq!(error.message, "the connector needs more than 1048576 bytes of memory");
}

#[tokio::test]
async fn a_connector_that_takes_all_memory_meets_its_limit() {
    let error = called(GROW, Limits { memory: 1 << 20, ..limits() }).await;
    assert_eq!(error.message, "the connector needs more than 1048576 bytes of memory");
    assert_eq!((error.kind, error.is_limit()), (ErrorKind::Unavailable, true));
}

#[tokio::test]
async fn a_call_beyond_the_bound_is_refused_at_once_whatever_the_allocator() {
    let limits = Limits { concurrent_calls: 2, queued_calls: 0, ..limits() };
    for (allocator, config) in engine::allocators(&limits) {
        let engine = wasmtime::Engine::new(&config).unwrap();
        let runtime = Runtime::builder().limits(limits).build_with(engine).unwrap();
        let (component, _) = runtime.0.link(&guest::component(""), Terms::default()).unwrap();
        let start = async || Call::start(&runtime.0, &component, caller(&runtime, None)).await;
        let (first, _second) = (start().await.unwrap(), start().await.unwrap());
        let refused = start().await.err().unwrap();
        assert!(refused.is_busy(), "{allocator}: {refused}");
        drop(first);
        assert!(start().await.is_ok(), "{allocator}");
    }
}

#[tokio::test]
async fn a_connector_meets_its_limits_whatever_the_allocator() {
    let limits = Limits { memory: 1 << 20, cpu_time: Duration::from_millis(100), ..limits() };
    let computed = format!("the connector used more than 100ms of {}", crate::cpu::NAME);
    for (allocator, config) in engine::allocators(&limits) {
        for (instructions, message) in [
            ("", "the connector failed: wasm trap: wasm `unreachable` instruction executed"),
            ("call $deep", "the connector failed: wasm trap: call stack exhausted"),
            (LOOP, &computed),
            (GROW, "the connector needs more than 1048576 bytes of memory"),
        ] {
            let engine = wasmtime::Engine::new(&config).unwrap();
            let runtime = Runtime::builder().limits(limits).build_with(engine).unwrap();
            assert_eq!(called_in(&runtime, instructions).await.message, message, "{allocator}");
        }
    }
}

#[tokio::test]
async fn a_connector_that_sends_a_write_and_traps_may_have_changed_something() {
    let runtime = Runtime::builder().limits(limits()).build().unwrap();
    // Bound and not listening.
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let authority = socket.local_addr().unwrap().to_string();
    for (path, effect) in [("/v2/Users", Effect::Unknown), ("/v3/Users", Effect::None)] {
        let (instructions, text) = guest::post_to(&authority, path);
        let egress = egress(&format!("http://{authority}/v2"), StaticToken::new("open-sesame").unwrap());
        let component = guest::component_with(&instructions, &text);
        let error = called_with(&runtime, &component, Some(egress)).await;
        assert_eq!((error.is_guest_fault(), error.effect), (true, effect), "{path}");
    }
}

#[tokio::test]
async fn a_call_is_over_before_its_instance_is_dropped() {
    struct Last(Arc<Trail>);
    impl Drop for Last {
        fn drop(&mut self) {
            assert!(self.0.is_over());
        }
    }
    let runtime = Runtime::builder().limits(limits()).build().unwrap();
    let (component, _) = runtime.0.link(&guest::component(""), Terms::default()).unwrap();
    let mut call = Call::start(&runtime.0, &component, caller(&runtime, None)).await.unwrap();
    let trail = Arc::clone(&call.watch.trail);
    assert!(!trail.is_over());
    let last = Last(Arc::clone(&trail));
    call.store.epoch_deadline_callback(move |_| {
        let _ = &last;
        Ok(UpdateDeadline::Yield(1))
    });
    drop(call);
    assert!(trail.is_over());
}

#[test]
fn a_failure_of_the_host_explains_the_connectors_error() {
    let watch = watch();
    let vague = Error::new(ErrorKind::Unavailable, "no answer: HTTP-request-denied").with_effect(Effect::Applied);
    watch.trail.sending(&http::Method::PATCH);
    watch.trail.failed(&Failure::Credential("the vault is sealed".to_owned()));
    let error = watch.explained(vague.clone());
    assert_eq!(error.message, "there is no credential: the vault is sealed");
    assert_eq!((error.kind, error.code.as_deref()), (ErrorKind::Unauthorized, Some("credential")));
    assert_eq!(error.effect, Effect::Applied);
    // Nothing failed since, so there is nothing to explain.
    assert_eq!(watch.explained(vague.clone()), vague);
}

#[test]
fn a_denied_write_is_forbidden_and_changed_nothing_whatever_the_connector_makes_of_it() {
    let watch = watch();
    let vague = Error::new(ErrorKind::Unavailable, "the body was not taken").with_effect(Effect::Unknown);
    watch.trail.failed(&Failure::Denied("the request has trailers".to_owned()));
    let error = watch.explained(vague);
    assert_eq!((error.kind, error.effect), (ErrorKind::Forbidden, Effect::None));
}

#[test]
fn a_write_in_doubt_is_in_doubt_whatever_the_connector_says_of_it() {
    let watch = watch();
    watch.trail.sending(&http::Method::PATCH);
    watch.trail.failed(&Failure::Broken("reset".to_owned()));
    assert_eq!(watch.explained(Error::new(ErrorKind::InvalidInput, "no")).effect, Effect::Unknown);
}

#[test]
fn a_fault_after_a_write_may_have_changed_something() {
    let watch = watch();
    watch.trail.sending(&http::Method::POST);
    assert_eq!(watch.fault(&Expired.into()).effect, Effect::Unknown);
}
