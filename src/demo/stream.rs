//! Stream: a motion sensor that sends binary frames as fast as its line carries them.
//!
//! Every frame has 16 bytes; numbers are little-endian:
//!
//! | at | size | field | |
//! |---|---|---|---|
//! | 0 | 2 | sync | the bytes `A5 5A` |
//! | 2 | 2 | counter | `u16`, one more in each frame, wraps |
//! | 4 | 4 | time | `u32`, µs since power-on, wraps after 71.6 minutes |
//! | 8 | 2 | x | `i16`, acceleration, 8192 = 1 g |
//! | 10 | 2 | y | the same |
//! | 12 | 2 | z | the same; at rest about 8192 |
//! | 14 | 2 | crc | `u16`, CRC-16/IBM-3740 (the one often called CCITT-FALSE) of the bytes 2 to 13 |
//!
//! At 115200 8N1 that is 720 frames a second, at 921600 it is 5760. Two commands of one byte: `p`
//! pauses, `g` goes on. Nothing else is ever sent.

mod frame;
mod motion;

use std::time::Duration;

pub use self::frame::{FRAME_LEN, Frame};
use self::motion::Motion;
use super::device::Device;
use super::output::Output;

/// How often the queue is filled up.
const STEP: Duration = Duration::from_millis(5);
/// How much time on the line waits in the queue: enough for a wake-up that comes late.
const AHEAD: Duration = Duration::from_millis(50);
/// A frame whose time is this far off follows a pause, not the frame before.
const DRIFT: Duration = Duration::from_millis(200);

/// The motion sensor.
pub struct Stream {
    motion: Motion,
    counter: u16,
    /// The time of the next frame: they are evenly spaced, whenever they are queued.
    sampled: Duration,
    due: Duration,
    paused: bool,
}

impl Stream {
    /// A sensor that has just been powered on, with vibrations of its own for each `seed`.
    pub fn new(seed: u64) -> Self {
        Stream {
            motion: Motion::new(seed),
            counter: 0,
            sampled: Duration::ZERO,
            due: Duration::ZERO,
            paused: false,
        }
    }

    fn next_frame(&mut self, spacing: Duration) -> Frame {
        let frame = Frame {
            counter: self.counter,
            time: self.sampled.as_micros() as u32,
            acceleration: self.motion.sample(self.sampled),
        };
        self.counter = self.counter.wrapping_add(1);
        self.sampled += spacing;
        frame
    }
}

impl Device for Stream {
    fn input(&mut self, now: Duration, bytes: &[u8], _out: &mut Output) {
        for byte in bytes {
            match byte {
                b'p' => self.paused = true,
                b'g' => self.paused = false,
                _ => {}
            }
        }
        self.due = now;
    }

    fn tick(&mut self, now: Duration, out: &mut Output) {
        self.due = now + STEP;
        if self.paused {
            return;
        }
        if self.sampled.abs_diff(now) > DRIFT {
            self.sampled = now;
        }
        let speed = out.speed().max(1);
        let spacing = Duration::from_secs_f64(FRAME_LEN as f64 / speed as f64);
        let wanted = (speed as f64 * AHEAD.as_secs_f64()) as usize;
        let frames = wanted.saturating_sub(out.pending()).div_ceil(FRAME_LEN);
        let piece: Vec<u8> = (0..frames)
            .flat_map(|_| self.next_frame(spacing).to_bytes())
            .collect();
        out.send(piece);
    }

    fn due(&self) -> Option<Duration> {
        (!self.paused).then_some(self.due)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::super::Kind;
    use super::super::rig::Rig;
    use super::*;

    #[test]
    fn frames_are_evenly_spaced_and_as_many_as_the_line_carries() {
        let (mut stream, mut out, mut bytes) = (Stream::new(1), Output::new(92_160), Vec::new());
        for step in 0..1_000 {
            stream.tick(STEP * step, &mut out);
            out.drain(461, |taken| {
                bytes.extend_from_slice(taken);
                taken.len()
            });
        }
        let frames: Vec<Frame> = bytes
            .chunks_exact(FRAME_LEN)
            .map(|bytes| Frame::parse(bytes).expect("whole"))
            .collect();
        assert!(
            (28_700..28_900).contains(&frames.len()),
            "{} frames in 5 s",
            frames.len()
        );
        for (index, pair) in frames.windows(2).enumerate() {
            assert_eq!(pair[1].counter, pair[0].counter.wrapping_add(1));
            let spacing = pair[1].time - pair[0].time;
            assert!(
                (173..=174).contains(&spacing),
                "{spacing} µs before frame {}",
                index + 1
            );
        }
    }

    #[test]
    fn p_pauses_and_g_goes_on_with_the_next_counter() {
        let (mut stream, mut out) = (Stream::new(1), Output::new(11_520));
        stream.tick(Duration::ZERO, &mut out);
        let last =
            Frame::parse(out.take().rchunks(FRAME_LEN).next().expect("frames")).expect("whole");
        stream.input(Duration::from_secs(1), b"p", &mut out);
        assert_eq!(stream.due(), None);
        stream.tick(Duration::from_secs(2), &mut out);
        assert_eq!(out.pending(), 0);
        stream.input(Duration::from_secs(9), b"xg", &mut out);
        assert_eq!(stream.due(), Some(Duration::from_secs(9)));
        stream.tick(Duration::from_secs(9), &mut out);
        let next = Frame::parse(&out.take()[..FRAME_LEN]).expect("whole");
        assert_eq!((next.counter, next.time), (last.counter + 1, 9_000_000));
    }

    #[test]
    fn over_a_pty_frames_arrive_whole_and_in_order() {
        let mut rig = Rig::start(Kind::Stream);
        rig.set_baud(921_600);
        let bytes = rig.read_exactly(2_000 * FRAME_LEN);
        for (counter, bytes) in (0..).zip(bytes.chunks_exact(FRAME_LEN)) {
            assert_eq!(Frame::parse(bytes).expect("a whole frame").counter, counter);
        }
    }

    #[test]
    fn over_a_pty_that_nobody_reads_whole_frames_are_dropped_and_commands_obeyed() {
        let mut rig = Rig::start(Kind::Stream);
        rig.set_baud(921_600);
        let mut last: Option<u16> = None;
        let (mut buffer, mut stall) = (Vec::new(), Duration::from_millis(20));
        // Each round reads nothing for longer, until that was long enough to lose something.
        let lost = std::iter::repeat_with(|| {
            std::thread::sleep(stall);
            stall *= 2;
            buffer.extend(rig.read_exactly(32_000));
            let whole = buffer.len() - buffer.len() % FRAME_LEN;
            let mut lost = false;
            for bytes in buffer.drain(..whole).as_slice().chunks_exact(FRAME_LEN) {
                let counter = Frame::parse(bytes).expect("never torn").counter;
                lost |= last.is_some_and(|last| counter != last.wrapping_add(1));
                last = Some(counter);
            }
            lost
        });
        assert!(
            lost.take(8).any(|lost| lost),
            "nothing was dropped in seconds"
        );
        rig.send("p");
        rig.expect_silence();
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn over_a_pty_that_was_closed_meanwhile_frames_are_fresh_and_whole() {
        let mut rig = Rig::start(Kind::Stream);
        let first = rig.read_exactly(FRAME_LEN);
        let first = Frame::parse(&first).expect("whole");
        // Without the discarding of what was not read, old frames would come first, torn at the seam.
        rig.reopen_after(Duration::from_millis(400));
        let bytes = rig.read_exactly(1_000 * FRAME_LEN);
        let frames: Vec<Frame> = bytes
            .chunks_exact(FRAME_LEN)
            .map(|bytes| Frame::parse(bytes).expect("whole"))
            .collect();
        assert!(
            frames[0].time - first.time > 200_000,
            "{first:?} then {:?}",
            frames[0]
        );
        assert!(
            frames
                .windows(2)
                .all(|pair| pair[1].counter == pair[0].counter.wrapping_add(1))
        );
    }

    #[test]
    fn over_a_pty_the_baud_rate_sets_the_speed() {
        let mut rig = Rig::start(Kind::Stream);
        for (baud, expected) in [(921_600, 173..=174), (115_200, 1_388..=1_389)] {
            rig.set_baud(baud);
            let frame = |rig: &mut Rig| Frame::parse(&rig.read_exactly(FRAME_LEN)).expect("whole");
            let (mut last, deadline) = (frame(&mut rig), Instant::now() + Duration::from_secs(20));
            loop {
                let next = frame(&mut rig);
                if expected.contains(&(next.time - last.time)) {
                    break;
                }
                assert!(
                    Instant::now() < deadline,
                    "{:?} at {baud}",
                    next.time - last.time
                );
                last = next;
            }
        }
        let start = Instant::now();
        rig.read_exactly(2 * 11_520);
        // Two seconds, of which one at most was waiting in the pty.
        assert!(
            start.elapsed() > Duration::from_millis(800),
            "{:?}",
            start.elapsed()
        );
    }
}
