//! The cache in Redis, shared by all processes.

use super::{MAX_TTL, check, no_counter};
use crate::engine::Door;
use crate::settings::Engine;
use crate::{Cache, Error, Result};
use async_trait::async_trait;
use bytes::Bytes;
use futures::FutureExt;
use futures::future::{BoxFuture, Shared};
use redis::aio::MultiplexedConnection;
use redis::io::tcp::TcpSettings;
use redis::{AsyncConnectionConfig, Client, Cmd, ErrorKind, FromRedisValue, IntoConnectionInfo, RedisError, RedisResult, Script};
use redis::{ServerErrorKind, TlsCertificates};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Begins a counter with its end where there is none, then adds; beyond the largest number it stays there, as the embedded cache does.
/// The sum is answered as text: Lua's numbers are exact to 53 bits only.
const ADD: &str = r"
redis.call('SET', KEYS[1], 0, 'NX', 'PX', ARGV[2])
local sum = redis.pcall('INCRBY', KEYS[1], ARGV[1])
if type(sum) == 'table' then
    if not string.find(sum.err, 'overflow') then return sum end
    redis.call('SET', KEYS[1], ARGV[3], 'KEEPTTL')
end
return redis.call('GET', KEYS[1])";

/// How long a connection that could not be made in time is not tried again: meanwhile requests fail at once instead of waiting too.
const RESPITE: Duration = Duration::from_secs(1);

/// One connection, on which the requests of all tasks follow each other without waiting; made when it is first needed, and again
/// when it broke.
pub struct RedisCache {
    door: Door,
    client: Client,
    config: AsyncConnectionConfig,
    way: Mutex<Option<Way>>,
    add: Script,
}

/// A connection, being made or made; all who need it wait for the same one.
#[derive(Clone)]
struct Way {
    connection: Shared<BoxFuture<'static, RedisResult<MultiplexedConnection>>>,
    began: Instant,
}

impl RedisCache {
    /// Reads the address; connects only when asked, so that a cache that is away stops no start.
    pub fn open(engine: &Engine) -> Result<Self> {
        let door = Door::new("cache", "Redis", "redis", engine);
        let client = client(&door).map_err(|error| door.away(error))?;
        // Ends before the door gives up, so that it is seen here and the connection left.
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(door.connect_limit()))
            .set_response_timeout(Some(door.request_limit().mul_f64(0.9)));
        Ok(Self { door, client, config, way: Mutex::new(None), add: Script::new(ADD) })
    }

    fn key(&self, key: &str) -> String {
        format!("{}:{key}", self.door.engine().namespace)
    }

    fn way(&self) -> Way {
        let mut way = self.way.lock().unwrap_or_else(PoisonError::into_inner);
        match &*way {
            Some(way) if !self.is_over(way) => way.clone(),
            _ => way.insert(self.connect()).clone(),
        }
    }

    /// Whether it leads nowhere.
    fn is_over(&self, way: &Way) -> bool {
        let Some(Err(error)) = way.connection.peek() else { return false };
        !error.is_timeout() || way.began.elapsed() > self.door.connect_limit() + RESPITE
    }

    fn connect(&self) -> Way {
        let (client, config) = (self.client.clone(), self.config.clone());
        let connection = async move { client.get_multiplexed_async_connection_with_config(&config).await };
        Way { connection: connection.boxed().shared(), began: Instant::now() }
    }

    /// The next request makes a new connection, unless another has begun one already.
    fn leave(&self, broken: &Way) {
        let mut way = self.way.lock().unwrap_or_else(PoisonError::into_inner);
        if way.as_ref().is_some_and(|way| way.connection.ptr_eq(&broken.connection)) {
            *way = None;
        }
    }

    async fn on_connection<T, F: Future<Output = RedisResult<T>>>(&self, request: impl FnOnce(MultiplexedConnection) -> F) -> Result<T> {
        let way = self.way();
        let connection = way.connection.clone().await.map_err(|error| self.explain(&error))?;
        request(connection).await.map_err(|error| {
            if error.is_io_error() || error.is_unrecoverable_error() {
                self.leave(&way);
            }
            self.explain(&error)
        })
    }

    async fn send<T: FromRedisValue>(&self, command: &Cmd) -> Result<T> {
        self.on_connection(async |mut connection: MultiplexedConnection| command.query_async(&mut connection).await).await
    }

    fn explain(&self, error: &RedisError) -> Error {
        use ServerErrorKind::{BusyLoading, ClusterDown, MasterDown, NoPerm, ReadOnly, TryAgain};
        match (error.kind(), error.code()) {
            (ErrorKind::AuthenticationFailed | ErrorKind::Server(NoPerm), _) | (_, Some("NOAUTH" | "WRONGPASS")) => {
                self.door.refused(error)
            }
            // No memory left, no disk, no copies: three more ways to be away.
            (ErrorKind::Io | ErrorKind::Server(BusyLoading | ClusterDown | MasterDown | ReadOnly | TryAgain), _)
            | (_, Some("OOM" | "MISCONF" | "NOREPLICAS")) => self.door.away(error),
            _ => self.door.other(error),
        }
    }
}

fn client(door: &Door) -> std::result::Result<Client, String> {
    let engine = door.engine();
    let tcp = TcpSettings::default().set_nodelay(true);
    let url = engine.login()?;
    let server = url.as_str().into_connection_info().map_err(|error| error.to_string())?.set_tcp_settings(tcp);
    let client = match &engine.ca_file {
        Some(file) => {
            let root_cert = std::fs::read(file).map_err(|error| format!("{}: {error}", file.display()))?;
            Client::build_with_tls(server, TlsCertificates { client_tls: None, root_cert: Some(root_cert) })
        }
        None => Client::open(server),
    };
    client.map_err(|error| error.to_string())
}

/// The engine ends values on the millisecond, and knows no end that is now.
fn millis(ttl: Duration) -> u64 {
    u64::try_from(ttl.min(MAX_TTL).as_millis()).unwrap_or(u64::MAX).max(1)
}

fn set(key: &str, value: &Bytes, ttl: Duration) -> Cmd {
    let mut command = redis::cmd("SET");
    command.arg(key).arg(value.as_ref()).arg("PX").arg(millis(ttl));
    command
}

#[async_trait]
impl Cache for RedisCache {
    async fn get(&self, key: &str) -> Result<Option<Bytes>> {
        let mut command = redis::cmd("GET");
        command.arg(self.key(key));
        let value: Option<Vec<u8>> = self.door.ask_again("get", || self.send(&command)).await?;
        Ok(value.map(Bytes::from))
    }

    async fn set(&self, key: &str, value: Bytes, ttl: Duration) -> Result<()> {
        check(key, &value)?;
        let command = set(&self.key(key), &value, ttl);
        self.door.ask_again("set", || self.send(&command)).await
    }

    async fn set_if_absent(&self, key: &str, value: Bytes, ttl: Duration) -> Result<bool> {
        check(key, &value)?;
        let mut command = set(&self.key(key), &value, ttl);
        command.arg("NX");
        // Nothing is answered where there is one already.
        let done: Option<String> = self.door.ask("set_if_absent", self.send(&command)).await?;
        Ok(done.is_some())
    }

    async fn add(&self, key: &str, amount: i64, ttl: Duration) -> Result<i64> {
        check(key, &Bytes::new())?;
        let mut call = self.add.key(self.key(key));
        call.arg(amount).arg(millis(ttl)).arg(if amount < 0 { i64::MIN } else { i64::MAX });
        let sum = self.on_connection(async |mut connection| call.invoke_async(&mut connection).await);
        self.door.ask("add", sum).await.map_err(|error| match error {
            Error::Other { detail, .. } if detail.contains("not an integer") || detail.contains("WRONGTYPE") => no_counter(),
            error => error,
        })
    }

    async fn delete(&self, key: &str) -> Result<bool> {
        let mut command = redis::cmd("DEL");
        command.arg(self.key(key));
        self.door.ask("delete", self.send(&command)).await
    }

    async fn ping(&self) -> Result<()> {
        self.door.ask("ping", self.send(&redis::cmd("PING"))).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cache::conformance;
    use crate::trial::{self, gate};
    use futures::future::join_all;

    const LONG: Duration = Duration::from_mins(1);

    fn is_away<T: std::fmt::Debug>(answer: Result<T>, engine: &Engine) {
        gate::assert_away(answer, "Redis", engine);
    }

    #[tokio::test]
    #[ignore = "needs the engines: make test-engines"]
    async fn conforms() {
        let engine = trial::engine("redis");
        conformance::suite(&RedisCache::open(&engine).unwrap()).await;
        let one = RedisCache::open(&Engine { connections: 1, ..engine.clone() }).unwrap();
        assert_eq!(one.get("forever").await.unwrap(), Some("x".into()), "another process sees what one has set");
        let other = RedisCache::open(&trial::engine("redis")).unwrap();
        assert_eq!(other.get("forever").await.unwrap(), None, "another installation does not");
    }

    #[tokio::test]
    #[ignore = "needs the engines: make test-engines"]
    async fn counts_across_processes_on_one_connection_each() {
        let engine = trial::engine("redis");
        let caches: Vec<RedisCache> = (0..4).map(|_| RedisCache::open(&engine).unwrap()).collect();
        let added = join_all((0..2_000).map(|number| caches[number % 4].add("count", 1, LONG))).await;
        let mut seen: Vec<i64> = added.into_iter().map(Result::unwrap).collect();
        seen.sort_unstable();
        assert_eq!(seen, (1..=2_000).collect::<Vec<i64>>());
    }

    #[tokio::test]
    #[ignore = "needs the engines: make test-engines"]
    async fn a_wrong_password_is_told_and_not_shown() {
        let engine = gate::stranger(&trial::engine("redis"));
        gate::assert_refused(RedisCache::open(&engine).unwrap().ping().await, "Redis", &engine);
    }

    #[tokio::test]
    #[ignore = "needs the engines: make test-engines"]
    async fn breaks_and_heals() {
        let (mut gate, engine) = gate::Gate::before(&Engine { connect_seconds: 1, request_seconds: 2, ..trial::engine("redis") }).await;
        let cache = RedisCache::open(&engine).unwrap();
        cache.set("kept", "x".into(), LONG).await.unwrap();

        gate.shut().await;
        let began = Instant::now();
        is_away(cache.add("kept", 1, LONG).await, &engine);
        is_away(cache.get("kept").await, &engine);
        assert!(began.elapsed() < Duration::from_secs(1), "what refuses is not waited for");
        gate.open().await;
        assert_eq!(cache.get("kept").await.unwrap(), Some("x".into()), "it heals at once");

        gate.shut().await;
        gate.open().await;
        assert_eq!(cache.get("kept").await.unwrap(), Some("x".into()), "a connection that broke meanwhile is not noticed");

        gate.silence();
        let began = Instant::now();
        let silent = join_all((0..20).map(|_| cache.get("kept"))).await;
        assert!(began.elapsed() < Duration::from_secs(4), "{:?}", began.elapsed());
        for answer in silent {
            is_away(answer, &engine);
        }
        gate.open().await;
        let healed = async {
            while cache.get("kept").await.is_err() {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(RESPITE * 2, healed).await.expect("it heals after the respite");
    }

    #[tokio::test]
    async fn an_absent_cache_stops_no_start_and_fails_at_once() {
        let engine = gate::absent("redis", "/0").await;
        let began = Instant::now();
        let cache = RedisCache::open(&engine).unwrap();
        is_away(cache.ping().await, &engine);
        is_away(cache.get("a").await, &engine);
        is_away(cache.set_if_absent("a", "x".into(), LONG).await, &engine);
        assert!(began.elapsed() < Duration::from_secs(1));
    }

    #[tokio::test]
    async fn a_mute_cache_is_not_waited_for_long_nor_by_everyone() {
        let (_listener, engine) = gate::mute("redis", "/0").await;
        let cache = RedisCache::open(&engine).unwrap();
        let began = Instant::now();
        is_away(cache.get("a").await, &engine);
        assert!(began.elapsed() < Duration::from_millis(1_900), "{:?}", began.elapsed());
        let began = Instant::now();
        is_away(cache.get("a").await, &engine);
        assert!(began.elapsed() < Duration::from_millis(500), "the second does not wait again: {:?}", began.elapsed());
    }

    #[tokio::test]
    async fn a_full_engine_is_one_that_is_away() {
        let engine = Engine::at("redis://:secret@db");
        let cache = RedisCache::open(&engine).unwrap();
        for said in ["-OOM command not allowed when used memory > 'maxmemory'.\r\n", "-MISCONF Errors writing to the AOF file\r\n"] {
            let error = redis::parse_redis_value(said.as_bytes()).unwrap().extract_error().unwrap_err();
            is_away(Err::<(), _>(cache.explain(&error)), &engine);
        }
    }

    #[test]
    fn what_cannot_be_is_told_at_the_start() {
        for url in ["redis://:secret@db/zero", "http://:secret@db"] {
            is_away(RedisCache::open(&Engine::at(url)).map(|_| ()), &Engine::at(url));
        }
        let engine = Engine { ca_file: Some("/no/such.pem".into()), ..Engine::at("rediss://:secret@db") };
        is_away(RedisCache::open(&engine).map(|_| ()), &engine);
    }
}
