//! A STUN server: tells whoever asks which address the question came from (RFC 8489 section 12).
//!
//!     cargo run --example stun_server -- --bind 127.0.0.1:3478
//!
//! With `--datagrams N` it stops after as many datagrams, with `--seconds N` after that time.

use std::io;
use std::net::{SocketAddr, UdpSocket};
use std::time::{Duration, Instant};

use mediawire::stun::agent::BindingServer;

/// When to stop.
#[derive(Clone, Copy)]
pub(crate) struct Limits {
    pub(crate) datagrams: u64,
    pub(crate) time: Duration,
}

/// The longest time that a socket is waited for at once.
const TICK: Duration = Duration::from_millis(20);

/// Answers until a limit is reached, and gives the number of answers.
pub(crate) fn serve(socket: &UdpSocket, limits: Limits) -> io::Result<u64> {
    let server = BindingServer { software: Some("mediawire"), ..Default::default() };
    let start = Instant::now();
    let (mut datagrams, mut answers) = (0, 0);
    let (mut buffer, mut out) = ([0; 1500], [0; 512]);
    socket.set_read_timeout(Some(TICK))?;
    while datagrams < limits.datagrams && start.elapsed() < limits.time {
        let (len, source) = match socket.recv_from(&mut buffer) {
            Ok(received) => received,
            Err(error) if is_timeout(&error) => continue,
            Err(error) => return Err(error),
        };
        datagrams += 1;
        let datagram = buffer.get(..len).unwrap_or_default();
        match server.answer(datagram, source, start.elapsed(), &mut out) {
            Ok(answer) => {
                println!(
                    "{source}: {}",
                    answer.error.map_or("told".into(), |code| code.to_string())
                );
                socket.send_to(out.get(..answer.len).unwrap_or_default(), source)?;
                answers += 1;
            }
            // Whatever it was, it is not for us.
            Err(silent) => println!("{source}: not answered: {silent}"),
        }
    }
    Ok(answers)
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
    let mut bind = SocketAddr::from(([127, 0, 0, 1], 3478));
    let mut limits = Limits { datagrams: u64::MAX, time: Duration::MAX };
    let mut args = std::env::args().skip(1);
    while let Some(name) = args.next() {
        let value = args.next().ok_or("each option has a value")?;
        match name.as_str() {
            "--bind" => bind = value.parse()?,
            "--datagrams" => limits.datagrams = value.parse()?,
            "--seconds" => limits.time = Duration::from_secs(value.parse()?),
            _ => return Err(format!("{name} is not known").into()),
        }
    }
    if !bind.ip().is_loopback() {
        return Err("this example serves its own machine only".into());
    }
    let socket = UdpSocket::bind(bind)?;
    println!("stun:{}", socket.local_addr()?);
    println!("{} answered", serve(&socket, limits)?);
    Ok(())
}
