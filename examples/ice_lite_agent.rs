//! An ICE agent of the lite kind: it answers the checks of a full agent, and says which address was nominated (RFC 8445
//! sections 7.3 and 8.2).
//!
//!     cargo run --example ice_lite_agent -- --bind 127.0.0.1:5000 --ufrag 8hhY --password asd88fgpdd777uzjYhagZg
//!
//! Its peer sends checks with USERNAME "UFRAG:PEER", keyed by the password. It stops at a nomination, or after `--seconds`.

use std::io;
use std::net::{SocketAddr, UdpSocket};
use std::time::{Duration, Instant};

use mediawire::stun::agent::{BindingServer, Credentials};
use mediawire::stun::{Key, Message, Priority, UseCandidate};

/// The longest time that a socket is waited for at once.
const TICK: Duration = Duration::from_millis(20);

/// Answers checks until one nominates its path, and gives the peer's address; `None` if none does in time.
pub(crate) fn agree(
    socket: &UdpSocket,
    ufrag: &str,
    password: &str,
    time: Duration,
) -> io::Result<Option<SocketAddr>> {
    let key = Key::short_term(password.as_bytes()); // once: each check costs two hashes less
    let credentials = Credentials::Ice { ufrag: ufrag.as_bytes(), key: &key };
    // On a port with RTP and DTLS, FINGERPRINT tells checks from what only looks like them.
    let server = BindingServer { credentials, require_fingerprint: true, ..Default::default() };
    let start = Instant::now();
    let (mut buffer, mut out) = ([0; 1500], [0; 512]);
    socket.set_read_timeout(Some(TICK))?;
    while start.elapsed() < time {
        let (len, source) = match socket.recv_from(&mut buffer) {
            Ok(received) => received,
            Err(error) if is_timeout(&error) => continue,
            Err(error) => return Err(error),
        };
        let datagram = buffer.get(..len).unwrap_or_default();
        let answer = match server.answer(datagram, source, start.elapsed(), &mut out) {
            Ok(answer) => answer,
            Err(silent) => {
                println!("{source}: not answered: {silent}");
                continue;
            }
        };
        socket.send_to(out.get(..answer.len).unwrap_or_default(), source)?;
        if let Some(code) = answer.error {
            println!("{source}: refused: {code}");
            continue;
        }
        // The check is authentic: what it says can be believed.
        let Ok(check) = Message::parse(datagram) else { continue };
        let priority = check.get().and_then(Result::ok).map_or(0, |Priority(priority)| priority);
        let is_nominated = check.has::<UseCandidate>();
        println!("{source}: checked, priority {priority}, nominated {is_nominated}");
        if is_nominated {
            return Ok(Some(source));
        }
    }
    Ok(None)
}

/// Nothing came in, or the answer before could not be delivered: no reason to stop.
fn is_timeout(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionRefused, ConnectionReset, Interrupted, TimedOut, WouldBlock};
    matches!(
        error.kind(),
        WouldBlock | TimedOut | Interrupted | ConnectionReset | ConnectionRefused
    )
}

#[allow(dead_code, reason = "the test has none")]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut bind = SocketAddr::from(([127, 0, 0, 1], 0));
    let (mut ufrag, mut password, mut time) = (None, None, Duration::MAX);
    let mut args = std::env::args().skip(1);
    while let Some(name) = args.next() {
        let value = args.next().ok_or("each option has a value")?;
        match name.as_str() {
            "--bind" => bind = value.parse()?,
            "--ufrag" => ufrag = Some(value),
            "--password" => password = Some(value),
            "--seconds" => time = Duration::from_secs(value.parse()?),
            _ => {
                return Err(format!("{name} is not known").into());
            }
        }
    }
    let (ufrag, password) =
        (ufrag.ok_or("--ufrag is missing")?, password.ok_or("--password is missing")?);
    if !bind.ip().is_loopback() {
        return Err("this example serves its own machine only".into());
    }
    let socket = UdpSocket::bind(bind)?;
    let local = socket.local_addr()?;
    // RFC 8839: what the peer has to be told.
    println!("a=ice-lite\r\na=ice-ufrag:{ufrag}\r\na=ice-pwd:{password}");
    println!("a=candidate:1 1 UDP 2130706431 {} {} typ host", local.ip(), local.port());
    match agree(&socket, &ufrag, &password, time)? {
        Some(peer) => println!("media goes to {peer}"),
        None => println!("no nomination"),
    }
    Ok(())
}
