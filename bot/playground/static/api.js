// The way to the server: JSON calls, uploads and the stream of events.

export class Unreachable extends Error {}

async function call(method, path, body) {
  const form = body instanceof FormData;
  let response, answer;
  try {
    response = await fetch(path, {
      method,
      headers: body && !form ? { "Content-Type": "application/json" } : {},
      body: form ? body : body && JSON.stringify(body),
    });
    answer = await response.json();
  } catch (error) {
    throw new Unreachable("no answer from the server", { cause: error });
  }
  if (!response.ok) throw new Error(answer.description);
  return answer;
}

// Seconds to the same time of the next day; where notices would wait then, to its morning.
function toNextDay(now) {
  const next = new Date((now + 86400) * 1000);
  if (next.getHours() >= 8 && next.getHours() < 18) return 86400;
  return Math.ceil(next.setHours(9, 0, 0, 0) / 1000 - now);
}

const chat = (id) => `/sim/chats/${encodeURIComponent(id)}`;

export const api = {
  state: () => call("GET", "/sim/state"),
  messages: (chatId) => call("GET", `${chat(chatId)}/messages`),
  commands: (chatId, userId) => call("GET", `${chat(chatId)}/commands?user_id=${userId}`),
  write: (chatId, body) => call("POST", `${chat(chatId)}/messages`, body),
  edit: (chatId, messageId, text) => call("PATCH", `${chat(chatId)}/messages/${messageId}`, { text }),
  press: (chatId, messageId, body) => call("POST", `${chat(chatId)}/messages/${messageId}/press`, body),
  upload: (chatId, form) => call("POST", `${chat(chatId)}/files`, form),
  block: (userId, blocked) => call("POST", `/sim/users/${userId}/${blocked ? "block" : "unblock"}`),
  dayForward: async () => {
    const { now } = await call("GET", "/sim/clock");
    return call("POST", "/sim/clock", { advance_seconds: toNextDay(now) });
  },
  file: (fileId) => `/sim/files/${encodeURIComponent(fileId)}`,
};

// The browser reconnects by itself unless the server answered with an error; then we do.
export function listen(since, { onEvent, onOpen, onLost }) {
  const source = new EventSource(`/sim/stream?since=${since}`);
  source.onmessage = (message) => onEvent(JSON.parse(message.data));
  source.onopen = onOpen;
  source.onerror = () => {
    onLost();
    if (source.readyState === EventSource.CLOSED) {
      setTimeout(() => listen(since, { onEvent, onOpen, onLost }), 2000);
    }
  };
}
