//! Whether the kernel still holds bytes that have not been sent.

use std::io;

use tokio::net::TcpStream;

/// Whether bytes that were written to a socket have not been sent yet, because the peer does not read.
///
/// A server that has read a whole request has acknowledged all of its bytes at the latest with its response. If some have not
/// even been sent when the response is here, the response came early. The kernel reports a socket as writable when fewer
/// bytes are unsent than `TCP_NOTSENT_LOWAT` says.
#[cfg(all(target_os = "linux", not(feature = "portable")))]
pub(super) fn has_unsent_bytes(socket: &TcpStream) -> io::Result<bool> {
    use rustix::event::{PollFd, PollFlags, Timespec, poll};
    const SYSTEM_DEFAULT: u32 = 0;
    let option = socket2::SockRef::from(socket);
    option.set_tcp_notsent_lowat(1)?;
    let mut descriptors = [PollFd::new(socket, PollFlags::OUT)];
    let polled = poll(&mut descriptors, Some(&Timespec { tv_sec: 0, tv_nsec: 0 }));
    option.set_tcp_notsent_lowat(SYSTEM_DEFAULT)?;
    polled?;
    Ok(!descriptors[0].revents().contains(PollFlags::OUT))
}

/// Other systems do not tell.
#[cfg(any(not(target_os = "linux"), feature = "portable"))]
#[expect(clippy::unnecessary_wraps, reason = "it is fallible on Linux")]
pub(super) fn has_unsent_bytes(_socket: &TcpStream) -> io::Result<bool> {
    Ok(false)
}

#[cfg(all(test, target_os = "linux", not(feature = "portable")))]
mod tests {
    use super::has_unsent_bytes;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::{TcpListener, TcpStream};

    #[tokio::test]
    async fn bytes_that_the_peer_does_not_read_stay_unsent() {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let mut client = TcpStream::connect(listener.local_addr().expect("bound")).await.expect("connected");
        let (mut server, _) = listener.accept().await.expect("accepted");
        client.write_all(b"small").await.expect("written");
        server.read_exact(&mut [0; 5]).await.expect("read");
        assert!(!has_unsent_bytes(&client).expect("supported"));
        let block = vec![0; 1 << 20];
        let mut written = 0;
        while let Ok(count) = client.try_write(&block) {
            written += count;
            // The loopback interface moves bytes to the receiver's buffer until that is full.
            tokio::task::yield_now().await;
        }
        assert!(has_unsent_bytes(&client).expect("supported"), "{written} bytes");
        let mut all = vec![0; written];
        server.read_exact(&mut all).await.expect("read");
        assert!(!has_unsent_bytes(&client).expect("supported"));
    }
}
