// What a telephone does to sound: 8 kHz, mu-law, 20 ms at a time. An AudioWorklet between the microphone, the ear, and
// the page that has the line. The page sends {audio: mu-law}, {mark: name} and {clear: true}. It is told {audio, level}
// for each 20 ms that were said, {heard: level, speaks: whether there is more} for each that were heard, and {mark} when
// all before it has been.

export const LINE_HZ = 8000;
const FRAME = 160; // 20 ms
const CHUNK = 16; // 2 ms: what is taken from the queue at a time
const JITTER_MS = 80; // what is collected after a silence before it is played
const ZEROS = 24, BETA = 6, ROLLOFF = 0.91; // half width of the filter; passes 3.3 kHz, and 60 dB less from 4 kHz on
const QUIETEST_DB = -60;

const values = Float32Array.from({ length: 256 }, (_, code) => {
  const bits = ~code & 255;
  const magnitude = ((((bits & 15) << 3) + 132) << ((bits & 112) >> 4)) - 132;
  return (bits & 128 ? -magnitude : magnitude) / 32768;
});

export function fromMulaw(codes) {
  return Float32Array.from(codes, (code) => values[code]);
}

export function toMulaw(samples) {
  return Uint8Array.from(samples, (sample) => {
    const magnitude = Math.min(32635, Math.round(Math.abs(sample) * 32768)) + 132;
    const exponent = 31 - Math.clz32(magnitude) - 7;
    return ~((sample < 0 ? 128 : 0) | (exponent << 4) | ((magnitude >> (exponent + 3)) & 15)) & 255;
  });
}

// Between two rates, whole numbers of Hz, by a windowed sinc that cuts off below half of the lower one.
export class Resampler {
  constructor(from, to) {
    const common = divisor(from, to);
    this.up = to / common;
    this.down = from / common;
    const cutoff = ROLLOFF * Math.min(1, to / from);
    this.reach = Math.ceil(ZEROS * Math.max(1, from / to));
    this.taps = Array.from({ length: this.up }, (_, phase) => this.kernel(phase / this.up, cutoff));
    this.kept = new Float32Array(2 * this.reach);
    this.phase = 0;
  }

  kernel(offset, cutoff) {
    const taps = Float32Array.from({ length: 2 * this.reach }, (_, tap) => {
      const at = tap - this.reach + 1 - offset;
      const across = at / this.reach;
      if (Math.abs(across) >= 1) return 0;
      const x = Math.PI * at * cutoff;
      return (x ? Math.sin(x) / x : 1) * (bessel(BETA * Math.sqrt(1 - across * across)) / bessel(BETA));
    });
    const sum = taps.reduce((total, tap) => total + tap);
    return taps.map((tap) => tap / sum);
  }

  push(samples) {
    const all = new Float32Array(this.kept.length + samples.length);
    all.set(this.kept);
    all.set(samples, this.kept.length);
    const made = [];
    let at = 0;
    for (; at + 2 * this.reach <= all.length; this.phase %= this.up) {
      const taps = this.taps[this.phase];
      let sum = 0;
      for (let tap = 0; tap < taps.length; tap++) sum += taps[tap] * all[at + tap];
      made.push(sum);
      this.phase += this.down;
      at += Math.floor(this.phase / this.up);
    }
    this.kept = all.slice(at);
    return made;
  }
}

function divisor(a, b) {
  return b ? divisor(b, a % b) : a;
}

function bessel(x) {
  let sum = 1;
  for (let k = 1, term = 1; k < 30; k++) sum += term *= (x / 2 / k) ** 2;
  return sum;
}

// What is still to be heard, in order.
export class Earpiece {
  constructor(onMark) {
    this.onMark = onMark;
    this.queue = [];
    this.waits = 0; // samples of silence until what has come begins
  }

  put(item) {
    const silent = !this.queue.length;
    if (silent && typeof item === "string") return this.onMark(item);
    if (silent) this.waits = (JITTER_MS * LINE_HZ) / 1000;
    this.queue.push(item);
  }

  clear() {
    const marks = this.queue.filter((item) => typeof item === "string");
    this.queue = [];
    marks.forEach(this.onMark);
  }

  take(length) {
    const played = new Float32Array(length);
    if (this.waits > 0) {
      this.waits -= length;
      return played;
    }
    for (let filled = 0; this.queue.length; ) {
      const next = this.queue[0];
      if (typeof next === "string") {
        this.onMark(next);
      } else {
        if (filled === length) break;
        const part = next.subarray(0, length - filled);
        played.set(part, filled);
        filled += part.length;
        if (part.length < next.length) {
          this.queue[0] = next.subarray(part.length);
          break;
        }
      }
      this.queue.shift();
    }
    return played;
  }
}

// 0 for silence to 1 for the loudest, in even steps of dB.
export function level(samples) {
  const power = samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length;
  return Math.min(1, Math.max(0, 1 - (10 * Math.log10(power + 1e-12)) / QUIETEST_DB));
}

if (globalThis.registerProcessor) {
  class Telephone extends AudioWorkletProcessor {
    constructor() {
      super();
      this.ear = new Earpiece((mark) => this.port.postMessage({ mark }));
      this.toLine = new Resampler(sampleRate, LINE_HZ);
      this.fromLine = new Resampler(LINE_HZ, sampleRate);
      this.said = [];
      this.heard = [];
      this.ready = [];
      this.port.onmessage = ({ data }) => {
        if (data.clear) this.ear.clear();
        else this.ear.put(data.mark ?? fromMulaw(data.audio));
      };
    }

    process([microphone], [speaker]) {
      const length = speaker[0].length;
      this.said.push(...this.toLine.push(microphone[0] ?? new Float32Array(length)));
      while (this.said.length >= FRAME) {
        const frame = this.said.splice(0, FRAME);
        this.port.postMessage({ audio: toMulaw(frame), level: level(frame) });
      }
      while (this.ready.length < length) {
        const chunk = this.ear.take(CHUNK);
        this.ready.push(...this.fromLine.push(chunk));
        this.heard.push(...chunk);
      }
      while (this.heard.length >= FRAME)
        this.port.postMessage({ heard: level(this.heard.splice(0, FRAME)), speaks: this.ear.queue.length > 0 });
      const played = this.ready.splice(0, length);
      for (const channel of speaker) channel.set(played);
      return true;
    }
  }
  registerProcessor("telephone", Telephone);
}
