//! A provider of OpenID Connect: signs everybody in as who it is told, and says what it is told to.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{SystemTime, UNIX_EPOCH};

use data_encoding::{BASE64, BASE64URL_NOPAD};
use form_urlencoded::{Serializer, parse};
use ring::rand::SystemRandom;
use ring::rsa::{KeyPair as RsaKeyPair, PublicKeyComponents};
use ring::signature::{
    self, ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair,
};
use ring::{digest, hmac};
use serde_json::{Map, Value, json};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::AbortHandle;
use tokio_rustls::rustls::pki_types::PrivatePkcs8KeyDer;
use tokio_rustls::rustls::pki_types::pem::PemObject;

/// What a token is signed with.
pub enum Signer {
    EdDsa(Ed25519KeyPair),
    Es256(EcdsaKeyPair),
    Rs256(Box<RsaKeyPair>),
    /// A shared secret.
    Hs256(Vec<u8>),
    /// Nothing.
    None,
}

impl Signer {
    pub fn ed25519(seed: u8) -> Self {
        Self::EdDsa(Ed25519KeyPair::from_seed_unchecked(&[seed; 32]).unwrap())
    }

    pub fn p256() -> Self {
        let (random, kind) = (SystemRandom::new(), &ECDSA_P256_SHA256_FIXED_SIGNING);
        let key = EcdsaKeyPair::generate_pkcs8(kind, &random).unwrap();
        Self::Es256(EcdsaKeyPair::from_pkcs8(kind, key.as_ref(), &random).unwrap())
    }

    pub fn rsa() -> Self {
        let pem = include_bytes!("../../oidc/rsa.key");
        let key = PrivatePkcs8KeyDer::from_pem_slice(pem).unwrap();
        let pair = RsaKeyPair::from_pkcs8(key.secret_pkcs8_der()).unwrap();
        Self::Rs256(Box::new(pair))
    }

    /// The public key, as it is in a set of keys.
    pub fn public(&self, id: &str) -> Value {
        let encoded = |bytes: &[u8]| BASE64URL_NOPAD.encode(bytes);
        match self {
            Self::EdDsa(pair) => {
                let x = encoded(pair.public_key().as_ref());
                json!({"kty": "OKP", "crv": "Ed25519", "kid": id, "x": x})
            }
            Self::Es256(pair) => {
                let (x, y) = pair.public_key().as_ref()[1..].split_at(32);
                json!({"kty": "EC", "crv": "P-256", "kid": id, "use": "sig", "x": encoded(x), "y": encoded(y)})
            }
            Self::Rs256(pair) => {
                let public = PublicKeyComponents::<Vec<u8>>::from(pair.public());
                let (n, e) = (encoded(&public.n), encoded(&public.e));
                json!({"kty": "RSA", "kid": id, "use": "sig", "alg": "RS256", "n": n, "e": e})
            }
            Self::Hs256(_) | Self::None => Value::Null,
        }
    }

    fn algorithm(&self) -> &'static str {
        match self {
            Self::EdDsa(_) => "EdDSA",
            Self::Es256(_) => "ES256",
            Self::Rs256(_) => "RS256",
            Self::Hs256(_) => "HS256",
            Self::None => "none",
        }
    }

    fn sign(&self, message: &[u8]) -> Vec<u8> {
        let random = SystemRandom::new();
        match self {
            Self::EdDsa(pair) => pair.sign(message).as_ref().to_vec(),
            Self::Es256(pair) => pair.sign(&random, message).unwrap().as_ref().to_vec(),
            Self::Rs256(pair) => {
                let mut signature = vec![0; pair.public().modulus_len()];
                let padding = &signature::RSA_PKCS1_SHA256;
                pair.sign(padding, &random, message, &mut signature)
                    .unwrap();
                signature
            }
            Self::Hs256(secret) => {
                let key = hmac::Key::new(hmac::HMAC_SHA256, secret);
                hmac::sign(&key, message).as_ref().to_vec()
            }
            Self::None => Vec::new(),
        }
    }
}

/// What it says, which a test changes.
pub struct Says {
    /// Claims of the token, in the place of the usual ones; null takes one out.
    pub claims: Map<String, Value>,
    /// What it tells at its other address.
    pub more: Value,
    pub signer: Signer,
    /// The id of the key that the token names.
    pub key: String,
    /// The keys that it publishes.
    pub keys: Vec<Value>,
    /// What it says of itself, in the place of the usual.
    pub metadata: Map<String, Value>,
    /// The secret of the client; none of a public one.
    pub secret: Option<String>,
    /// Whether it takes codes for what nobody proves.
    pub careless: bool,
    /// Where it trades codes.
    pub traded_at: &'static str,
    /// What it is asked and never answers.
    pub silent: Option<&'static str>,
    /// How often each path was asked for.
    pub asked: HashMap<String, usize>,
    /// What is known of a code.
    codes: HashMap<String, HashMap<String, String>>,
}

/// It.
pub struct Provider {
    address: SocketAddr,
    says: Arc<Mutex<Says>>,
    serving: AbortHandle,
}

impl Provider {
    /// One that signs everybody in as `ada`, with a key `one`.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("an address");
        let address = listener.local_addr().expect("an address");
        let signer = Signer::ed25519(1);
        let says = Says {
            claims: Map::new(),
            more: Value::Null,
            keys: vec![signer.public("one")],
            signer,
            key: "one".to_owned(),
            metadata: Map::new(),
            secret: Some("s&cret".to_owned()),
            careless: false,
            traded_at: "/token",
            silent: None,
            asked: HashMap::new(),
            codes: HashMap::new(),
        };
        let says = Arc::new(Mutex::new(says));
        let shared = Arc::clone(&says);
        let serving = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, address, Arc::clone(&shared)));
            }
        });
        let serving = serving.abort_handle();
        Self {
            address,
            says,
            serving,
        }
    }

    /// Is there no more.
    pub fn stop(&self) {
        self.serving.abort();
    }

    /// What it calls itself.
    pub fn issuer(&self) -> String {
        issuer(self.address)
    }

    /// What it says from now on.
    pub fn says(&self) -> MutexGuard<'_, Says> {
        self.says.lock().unwrap()
    }

    /// Says another claim in the token.
    pub fn claim(&self, name: &str, value: Value) {
        self.says().claims.insert(name.to_owned(), value);
    }
}

fn issuer(address: SocketAddr) -> String {
    format!("http://{address}/realms/lab")
}

/// Now, in seconds since 1970.
pub fn now() -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    now.expect("it is later").as_secs()
}

async fn serve(stream: TcpStream, address: SocketAddr, says: Arc<Mutex<Says>>) {
    let mut stream = BufReader::new(stream);
    let (mut lines, mut length) = (Vec::new(), 0);
    loop {
        let mut line = String::new();
        stream.read_line(&mut line).await.expect("a request");
        match line.trim_end() {
            "" => break,
            line => lines.push(line.to_owned()),
        }
    }
    let header = |name: &str| {
        let mut all = lines.iter().filter_map(|line| line.split_once(": "));
        let found = all.find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.to_owned())
    };
    if let Some(told) = header("content-length") {
        length = told.parse().expect("a number");
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await.expect("a whole request");
    let target = lines[0].split(' ').nth(1).expect("a target").to_owned();
    let (path, query) = target.split_once('?').unwrap_or((&target, ""));
    let path = path.strip_prefix("/realms/lab").expect("a path of ours");
    let silent = {
        let mut says = says.lock().unwrap();
        *says.asked.entry(path.to_owned()).or_default() += 1;
        says.silent == Some(path)
    };
    if silent {
        return std::future::pending().await;
    }
    let answer = {
        let mut says = says.lock().unwrap();
        let authorization = header("authorization");
        says.answer(
            path,
            query.as_bytes(),
            &body,
            authorization,
            &issuer(address),
        )
    };
    let _gone: std::io::Result<()> = stream.write_all(answer.as_bytes()).await;
}

fn told(status: &str, json: &Value) -> String {
    let body = json.to_string();
    format!(
        "HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

impl Says {
    fn answer(
        &mut self,
        path: &str,
        query: &[u8],
        body: &[u8],
        authorization: Option<String>,
        issuer: &str,
    ) -> String {
        let refused = |why: &str| told("400 Bad Request", &json!({"error": why}));
        match path {
            "/.well-known/openid-configuration" => {
                let mut metadata = json!({
                    "issuer": issuer,
                    "authorization_endpoint": format!("{issuer}/authorize?realm=lab"),
                    "token_endpoint": format!("{issuer}{}", self.traded_at),
                    "jwks_uri": format!("{issuer}/keys"),
                    "userinfo_endpoint": format!("{issuer}/userinfo"),
                });
                for (name, value) in &self.metadata {
                    metadata[name] = value.clone();
                }
                told("200 OK", &metadata)
            }
            "/keys" => told("200 OK", &json!({"keys": self.keys})),
            "/authorize" => {
                let asked: HashMap<_, _> = parse(query).into_owned().collect();
                assert_eq!(asked["response_type"], "code");
                assert_eq!(asked["code_challenge_method"], "S256");
                assert!(asked["scope"].split(' ').any(|scope| scope == "openid"));
                let code = format!("code-{}", self.codes.len());
                let back = Serializer::new(String::new())
                    .append_pair("code", &code)
                    .append_pair("state", &asked["state"])
                    .append_pair("iss", issuer)
                    .finish();
                let place = format!("{}?{back}", asked["redirect_uri"]);
                self.codes.insert(code, asked);
                format!("HTTP/1.1 302 Found\r\nLocation: {place}\r\nContent-Length: 0\r\n\r\n")
            }
            path if path == self.traded_at => {
                let form: HashMap<_, _> = parse(body).into_owned().collect();
                let Some(asked) = self.codes.remove(&form["code"]) else {
                    return refused("invalid_grant");
                };
                let client = asked["client_id"].as_str();
                let knows_client = match &self.secret {
                    Some(secret) => {
                        // Both are written as in a form.
                        let secret = secret.replace('&', "%26");
                        let pair = BASE64.encode(format!("{client}:{secret}").as_bytes());
                        authorization == Some(format!("Basic {pair}"))
                    }
                    None => form.get("client_id").map(String::as_str) == Some(client),
                };
                let hash = digest::digest(&digest::SHA256, form["code_verifier"].as_bytes());
                let proves = BASE64URL_NOPAD.encode(hash.as_ref()) == asked["code_challenge"]
                    && form["redirect_uri"] == asked["redirect_uri"];
                if !knows_client {
                    return refused("invalid_client");
                }
                if !proves && !self.careless {
                    return refused("invalid_grant");
                }
                let token = self.token(issuer, &asked);
                told(
                    "200 OK",
                    &json!({"id_token": token, "access_token": "more", "token_type": "Bearer"}),
                )
            }
            "/userinfo" if authorization.as_deref() == Some("Bearer more") => {
                told("200 OK", &self.more)
            }
            _ => told("404 Not Found", &Value::Null),
        }
    }

    fn token(&self, issuer: &str, asked: &HashMap<String, String>) -> String {
        let mut claims = json!({
            "iss": issuer, "aud": asked["client_id"], "nonce": asked["nonce"],
            "sub": "1", "exp": now() + 300, "iat": now(),
            "preferred_username": "ada", "groups": ["staff"],
        });
        let all = claims.as_object_mut().expect("an object");
        for (name, value) in &self.claims {
            match value {
                Value::Null => drop(all.remove(name)),
                value => drop(all.insert(name.clone(), value.clone())),
            }
        }
        let head = json!({"alg": self.signer.algorithm(), "kid": self.key, "typ": "JWT"});
        let part = |value: &Value| BASE64URL_NOPAD.encode(value.to_string().as_bytes());
        let signed = format!("{}.{}", part(&head), part(&claims));
        let signature = self.signer.sign(signed.as_bytes());
        format!("{signed}.{}", BASE64URL_NOPAD.encode(&signature))
    }
}
