// The WebSocket as a Transport.

import type { ClientFrame, ServerFrame, Transport, TransportEvents } from "./protocol";

const OPEN_WITHIN = 8_000; // milliseconds; some proxies swallow the upgrade without an answer

export function openSocket(url: string, Socket: typeof WebSocket, events: TransportEvents): Transport {
  let ended = false;
  const socket = new Socket(url);
  const end = () => {
    if (ended) return;
    ended = true;
    clearTimeout(slow);
    events.closed();
  };
  const slow = setTimeout(() => {
    socket.close();
    end();
  }, OPEN_WITHIN);
  socket.onopen = () => {
    clearTimeout(slow);
    if (!ended) events.opened();
  };
  socket.onmessage = (event: MessageEvent) => {
    const frame = read(event.data);
    if (frame && !ended) events.frame(frame);
  };
  socket.onerror = end;
  socket.onclose = end;
  return {
    send(frame: ClientFrame) {
      if (socket.readyState === 1) socket.send(JSON.stringify(frame));
    },
    close() {
      ended = true;
      clearTimeout(slow);
      socket.close();
    },
  };
}

/** A frame of a kind this version does not know is passed over, so that a newer server does not break an older page. */
function read(data: unknown): ServerFrame | null {
  try {
    const frame: unknown = JSON.parse(String(data));
    return typeof frame === "object" && frame !== null && "type" in frame ? (frame as ServerFrame) : null;
  } catch {
    return null;
  }
}
