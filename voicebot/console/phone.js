// A telephone: it asks for the microphone, tells the server that it may be called, and when the call comes opens a media
// stream, in which it speaks Media Streams as a carrier does (telephony/media_stream.py). The sound is in telephone.js.
const MICROPHONE = { echoCancellation: true, noiseSuppression: true, autoGainControl: true, channelCount: 1 };
const FRAME_MS = 20;
const PAUSE_FRAMES = 15; // between two lines; after that it is the other one's turn
const [POLICY_VIOLATION, TRY_AGAIN_LATER] = [1008, 1013];
const WHY = {
  NotAllowedError: "denied",
  SecurityError: "denied",
  NotFoundError: "no_microphone",
  OverconstrainedError: "no_microphone",
};

export default {
  template: `
    <div class="phone">
      <div>
        <div class="phone-row">
          <button type="button" class="button" :class="{ danger: busy }" @click="busy ? hangUp() : call()">
            {{ busy ? labels.hang_up : state === "over" ? labels.again : labels.call }}
          </button>
          <span :role="state === 'talking' ? null : 'status'" class="floor" :class="{ theirs: state === 'talking' && speaks }">
            {{ status }}
          </span>
        </div>
        <p v-if="problem" class="problem" role="alert">{{ labels[problem] }}</p>
        <div class="levels">
          <label>{{ labels.you }} <meter ref="mine" class="mine" min="0" max="1" value="0"></meter></label>
          <label>{{ labels.interviewer }} <meter ref="theirs" class="theirs" min="0" max="1" value="0"></meter></label>
        </div>
      </div>
      <div class="keypad" role="group" :aria-label="labels.keys">
        <button v-for="[key, meaning] in keys" :key="key" type="button" :disabled="state !== 'talking'"
          @click="press(key)"><b>{{ key }}</b> <small>{{ meaning }}</small></button>
      </div>
    </div>`,
  props: { sound: String, labels: Object, keys: Array, news: String },
  emits: ["call", "left"],
  data() {
    return { state: "idle", problem: "", speaks: false };
  },
  computed: {
    busy() {
      return this.state !== "idle" && this.state !== "over";
    },
    status() {
      const { state, news, labels } = this;
      if (state === "talking") return this.speaks ? labels.interviewer_speaks : labels.your_turn;
      if (state === "preparing" || state === "over") return news || labels[state];
      return labels[state] ?? "";
    },
  },
  unmounted() {
    this.gone = true;
    this.socket?.close();
    this.close();
  },
  methods: {
    async call() {
      this.problem = "";
      this.state = "asking";
      this.problem = await this.open();
      if (this.problem || this.gone) return this.end("idle");
      this.state = "preparing";
      this.$emit("call");
    },
    // What stands in the way, as a label's name; "" if nothing does.
    async open() {
      if (!navigator.mediaDevices) return "insecure";
      try {
        this.microphone = await navigator.mediaDevices.getUserMedia({ audio: MICROPHONE });
      } catch (error) {
        return WHY[error.name] ?? "broken";
      }
      const context = (this.context = new AudioContext());
      try {
        await context.audioWorklet.addModule(this.sound);
        await context.resume();
      } catch {
        return "refused";
      }
      this.node = new AudioWorkletNode(context, "telephone", { channelCount: 1, outputChannelCount: [1] });
      this.node.port.onmessage = ({ data }) => this.sounded(data);
      context.createMediaStreamSource(this.microphone).connect(this.node).connect(context.destination);
      this.microphone.getAudioTracks()[0].onended = () => (this.problem = "no_microphone");
      return "";
    },
    close() {
      this.node?.disconnect();
      for (const track of this.microphone?.getTracks() ?? []) track.stop();
      if (this.context?.state !== "closed") this.context?.close();
      this.node = this.microphone = this.context = this.socket = null;
      this.speaks = false;
      for (const meter of [this.$refs.mine, this.$refs.theirs]) if (meter) meter.value = 0;
    },
    // The server calls.
    come(path, token) {
      if (this.state !== "preparing") return;
      this.state = "ringing";
      const url = new URL(path, location.href);
      url.protocol = url.protocol.replace("http", "ws");
      const socket = (this.socket = new WebSocket(url));
      const id = path.split("/").pop();
      this.stream = { streamSid: id, sequence: 0, frames: 0, quiet: PAUSE_FRAMES };
      socket.onopen = () => {
        this.state = "talking";
        socket.send(JSON.stringify({ event: "connected", protocol: "Call", version: "1.0.0" }));
        this.send("start", { streamSid: id, callSid: id, tracks: ["inbound"], customParameters: { token } });
      };
      socket.onmessage = ({ data }) => this.took(JSON.parse(data));
      socket.onclose = ({ code }) => {
        if (this.socket !== socket) return;
        const refused = this.state === "ringing" || code === POLICY_VIOLATION || code === TRY_AGAIN_LATER;
        if (refused) this.$emit("left");
        this.problem = refused ? "refused" : this.problem;
        this.end(refused ? "idle" : "over");
      };
    },
    took({ event, media, mark }) {
      if (event === "media") this.node?.port.postMessage({ audio: Uint8Array.from(atob(media.payload), codeOf) });
      else if (event === "mark") this.node?.port.postMessage({ mark: mark.name });
      else if (event === "clear") this.node?.port.postMessage({ clear: true });
    },
    sounded(told) {
      if (!this.node) return; // the last of it, after the call
      if (told.mark !== undefined) {
        // What the worklet has given out is still on its way to the ear.
        setTimeout(() => this.send("mark", { name: told.mark }), 1000 * (this.context.outputLatency || 0));
      } else if (told.audio) {
        this.$refs.mine.value = told.level;
        if (this.state !== "talking") return;
        const number = this.stream.frames++;
        const payload = btoa(String.fromCharCode(...told.audio));
        const place = { chunk: String(number + 1), timestamp: String(number * FRAME_MS), track: "inbound" };
        this.send("media", { payload, ...place });
      } else {
        this.$refs.theirs.value = told.heard;
        if (!this.stream) return;
        this.stream.quiet = told.speaks ? 0 : this.stream.quiet + 1;
        this.speaks = this.state === "talking" && this.stream.quiet < PAUSE_FRAMES;
      }
    },
    send(event, body) {
      if (this.socket?.readyState !== WebSocket.OPEN) return;
      const { streamSid } = this.stream;
      const sequenceNumber = String(++this.stream.sequence);
      this.socket.send(JSON.stringify({ event, sequenceNumber, streamSid, [event]: body }));
    },
    press(key) {
      this.send("dtmf", { digit: key, track: "inbound_track" });
    },
    hangUp() {
      const { socket } = this;
      if (this.state === "asking") return; // the browser's own question is answered first
      if (!socket) {
        this.$emit("left");
        return this.end("idle");
      }
      this.send("stop", { callSid: this.stream.streamSid });
      this.end("over");
      socket.close();
    },
    // The server will not call.
    putDown() {
      const { socket } = this;
      this.end("idle");
      socket?.close();
    },
    end(state) {
      this.state = state;
      this.close();
    },
  },
};

function codeOf(character) {
  return character.charCodeAt(0);
}
