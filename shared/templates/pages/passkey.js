(async () => {
  const form = document.getElementById("passkey");
  const { PublicKeyCredential: kind } = window;
  const creates = form.dataset.act === "create";
  const read = creates ? "parseCreationOptionsFromJSON" : "parseRequestOptionsFromJSON";
  if (!kind?.[read]) return;
  const publicKey = kind[read](JSON.parse(form.dataset.options));
  const problem = document.getElementById("passkey-problem");
  const send = (credential) => {
    form.elements.passkey.value = JSON.stringify(credential);
    form.submit();
  };
  let waiting;
  let old = false;
  setTimeout(() => {
    old = true;
    waiting?.abort();
  }, publicKey.timeout - 15000);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (old) return location.reload();
    waiting?.abort();
    problem.hidden = true;
    try {
      send(await navigator.credentials[creates ? "create" : "get"]({ publicKey }));
    } catch {
      problem.hidden = false;
    }
  });
  document.getElementById("without-passkey")?.remove();
  form.hidden = false;
  if (creates || !await kind.isConditionalMediationAvailable?.()) return;
  waiting = new AbortController();
  try {
    send(await navigator.credentials.get({ publicKey, mediation: "conditional", signal: waiting.signal }));
  } catch {
    // The user has chosen another way.
  }
})();
