// Follows a list that grows: messages and events.

import { byId } from "../common/dom.js";
import { send } from "../common/http.js";

const PERIOD = 1000;
const MOST_KEPT = 1000;

/**
 * Reads the list at `path` every second while the page is visible. `key` names the list in the
 * answer. Calls `changed` with all items, newest first, when an item came. Returns a function
 * that ends this.
 */
export function follow(path, key, changed) {
  let cursor = null;
  let items = [];
  let ended = false;
  let underWay = false;
  async function read() {
    if (underWay || ended || document.hidden) return;
    underWay = true;
    const answer = await send({ method: "GET", path, query: { after: cursor } });
    underWay = false;
    byId("offline").hidden = answer.ok;
    if (!answer.ok || ended) return;
    const { whole, [key]: news } = answer.body;
    const first = cursor === null;
    ({ cursor } = answer.body);
    if (!whole && news.length === 0) return;
    items = (whole ? news : [...news, ...items]).slice(0, MOST_KEPT);
    if (first || whole || news.length > 0) changed(items);
  }
  const timer = setInterval(read, PERIOD);
  document.addEventListener("visibilitychange", read);
  read();
  return () => {
    ended = true;
    clearInterval(timer);
    document.removeEventListener("visibilitychange", read);
  };
}
