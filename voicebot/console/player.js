// A recording with both channels drawn: candidate above, interviewer below. Whatever on the page has this call's
// data-call and a data-at (ms) plays there when it is clicked; the line that is being played is lit. The page's address
// names the moment after a ~, so that it can be sent to somebody.
export default {
  template: `
    <div class="player" role="group" :aria-label="labels.player" @keydown="key">
      <audio ref="audio" :src="src" preload="none" @timeupdate="moved" @play="playing = true" @pause="playing = false"
        @ended="playing = false" @error="failed = true"></audio>
      <div class="player-row">
        <button type="button" class="round" @click="toggle" :aria-label="playing ? labels.pause : labels.play">
          <svg viewBox="0 0 24 24" width="22" height="22" aria-hidden="true">
            <path v-if="playing" d="M7 5h4v14H7zM13 5h4v14h-4z"/><path v-else d="M8 5v14l11-7z"/>
          </svg>
        </button>
        <canvas ref="wave" class="wave" tabindex="0" role="slider" :aria-label="labels.position" aria-valuemin="0"
          :aria-valuemax="Math.round(seconds)" :aria-valuenow="Math.round(now)" :aria-valuetext="clock(now)"
          :title="labels.keys" @click="clicked"></canvas>
        <span class="clock">{{ clock(now) }} / {{ clock(seconds) }}</span>
        <select v-model.number="speed" @change="$refs.audio.playbackRate = speed" :aria-label="labels.speed">
          <option v-for="s in [1, 1.25, 1.5, 2]" :value="s">{{ s }}×</option>
        </select>
      </div>
      <p v-if="failed" class="problem" role="alert">{{ labels.failed }}</p>
    </div>`,
  props: { call: String, src: String, outline: String, duration_ms: Number, labels: Object },
  data() {
    return { now: 0, playing: false, speed: 1, failed: false, peaks: null };
  },
  computed: {
    seconds() {
      return this.duration_ms / 1000;
    },
  },
  mounted() {
    document.addEventListener("click", this.elsewhere);
    this.resized = new ResizeObserver(() => this.draw());
    this.resized.observe(this.$refs.wave);
    fetch(this.outline)
      .then((response) => (response.ok ? response.json() : null))
      .then((peaks) => {
        this.peaks = peaks;
        this.draw();
      });
    this.lead();
  },
  unmounted() {
    document.removeEventListener("click", this.elsewhere);
    this.resized.disconnect();
  },
  methods: {
    clock(s) {
      return `${Math.floor(s / 60)}:${String(Math.floor(s % 60)).padStart(2, "0")}`;
    },
    async toggle() {
      const audio = this.$refs.audio;
      if (audio.paused) await this.play();
      else audio.pause();
    },
    async play() {
      this.asOne();
      this.failed = false;
      for (const other of document.querySelectorAll("audio")) if (other !== this.$refs.audio) other.pause();
      await this.$refs.audio.play().catch((error) => (this.failed = error.name !== "AbortError"));
    },
    asOne() {
      // Each voice is on a channel of its own; who wears headphones wants to hear both on both ears.
      if (this.sound) return;
      this.sound = new AudioContext();
      const both = new GainNode(this.sound, { channelCount: 1, channelCountMode: "explicit" });
      this.sound.createMediaElementSource(this.$refs.audio).connect(both).connect(this.sound.destination);
    },
    seek(seconds) {
      this.now = Math.min(Math.max(0, seconds), this.seconds);
      this.$refs.audio.currentTime = this.now;
      this.show();
    },
    elsewhere(event) {
      const link = event.target.closest("[data-at]");
      if (!link || link.dataset.call !== this.call) return;
      event.preventDefault();
      const address = link.getAttribute("href");
      if (address) history.replaceState(history.state, "", address);
      this.seek(Number(link.dataset.at) / 1000);
      if (this.lit) this.reveal(this.lit);
      this.play();
    },
    lead() {
      // To the moment that the page's address names, if it is one of this call.
      const [, id, at] = location.hash.match(/^#(.+)~([0-9]+)$/) || [];
      const line = id && document.getElementById(id);
      if (!line || line.dataset.line !== this.call) return;
      const folded = line.closest("details");
      if (folded) folded.open = true;
      this.seek(Number(at) / 1000);
      this.reveal(line);
    },
    clicked(event) {
      const box = this.$refs.wave.getBoundingClientRect();
      this.seek(((event.clientX - box.left) / box.width) * this.seconds);
    },
    key(event) {
      // Letters count anywhere in the player, the other keys where they mean nothing else already.
      if (event.ctrlKey || event.altKey || event.metaKey) return;
      const letter = { j: -10, l: 10 }[event.key.toLowerCase()];
      const steps = { ArrowLeft: -5, ArrowDown: -5, ArrowRight: 5, ArrowUp: 5, PageDown: -30, PageUp: 30 };
      const onTrack = event.target === this.$refs.wave;
      const step = letter || (onTrack && steps[event.key]);
      if (step) this.seek(this.now + step);
      else if (onTrack && event.key === "Home") this.seek(0);
      else if (onTrack && event.key === "End") this.seek(this.seconds);
      else if (event.key === "k" || (onTrack && (event.key === " " || event.key === "Enter"))) this.toggle();
      else return;
      event.preventDefault();
    },
    moved() {
      this.now = this.$refs.audio.currentTime;
      this.show();
    },
    show() {
      this.draw();
      const at = this.now * 1000;
      let lit = null;
      for (const line of document.querySelectorAll(`[data-line="${CSS.escape(this.call)}"]`)) {
        const here = Number(line.dataset.from) <= at + 50 && at < Number(line.dataset.until);
        line.classList.toggle("lit", here);
        if (here) lit = line;
      }
      if (lit && lit !== this.lit && this.playing) this.reveal(lit);
      this.lit = lit;
    },
    reveal(line) {
      const list = line.parentElement;
      const above = line.offsetTop; // in the list, which is positioned
      if (above < list.scrollTop || above + line.offsetHeight > list.scrollTop + list.clientHeight)
        list.scrollTo({ top: above - list.clientHeight / 3, behavior: "smooth" });
    },
    draw() {
      const canvas = this.$refs.wave;
      if (!canvas || !this.peaks) return;
      const dense = window.devicePixelRatio || 1;
      const [width, height] = [canvas.clientWidth, canvas.clientHeight];
      canvas.width = width * dense;
      canvas.height = height * dense;
      const pen = canvas.getContext("2d");
      pen.scale(dense, dense);
      const style = getComputedStyle(canvas);
      const played = (this.now / this.seconds) * width;
      const loudest = Math.max(1, ...this.peaks.candidate, ...this.peaks.interviewer);
      const bars = Math.min(this.peaks.candidate.length, Math.floor(width / 3));
      ["candidate", "interviewer"].forEach((who, lane) => {
        const middle = (height / 4) * (lane * 2 + 1);
        const peaks = this.peaks[who];
        for (let bar = 0; bar < bars; bar++) {
          const from = Math.floor((bar / bars) * peaks.length);
          const until = Math.max(from + 1, Math.floor(((bar + 1) / bars) * peaks.length));
          const tall = Math.max(1, (Math.max(...peaks.slice(from, until)) / loudest) * (height / 2 - 4));
          const x = (bar / bars) * width;
          pen.fillStyle = style.getPropertyValue(x <= played ? `--${who}-played` : `--${who}`);
          pen.fillRect(x, middle - tall / 2, 2, tall);
        }
      });
      pen.fillStyle = style.getPropertyValue("--ink");
      pen.fillRect(played, 0, 1.5, height);
    },
  },
};
