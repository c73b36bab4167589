/*
 * A stand-in for the script that Alloy serves at /scripts/embedded.js.
 *
 * It leaves a ready instance on `window.Alloy` with the methods of Alloy's browser SDK. Written
 * from the SDK's observed behaviour, quirks included, because an app has to survive them:
 *
 * - the callback of install() is a hint: it fires for a cancel too, and twice when the modal
 *   shows its "done" screen (once for the installation, once for closing that screen);
 * - clicking beside the modal removes it but leaves its message listener alive, so a later
 *   modal's messages reach the earlier callback as well;
 * - nothing in the iframe's address is percent-encoded here: "&" or "#" in a title or a value
 *   cuts the address short.
 *
 * Two things are better than the original: the iframe has a title, for screen readers, and the
 * box is never wider than a phone.
 */
(() => {
  "use strict";

  const sandbox = new URL(document.currentScript.src).origin;
  const REGIONS = { us: sandbox, eu: sandbox };
  const SHORT_PAUSE = 200;
  const LONG_PAUSE = 1000;

  let token;
  let region = "us";

  const origin = () => REGIONS[(region || "us").toLowerCase()] || REGIONS.us;

  function requireToken() {
    if (!token) throw new Error("no token set");
  }

  /** Calls the Embedded API as the token's user; resolves with the JSON of any status. */
  async function call(method, path, data) {
    const response = await fetch(`${origin()}/2024-03/${path}`, {
      method,
      headers: { "Content-Type": "application/json", "x-alloy-user-token": token },
      body: data === undefined ? undefined : JSON.stringify(data),
    });
    return response.json();
  }

  function cover(element) {
    Object.assign(element.style, {
      position: "fixed",
      top: "0",
      right: "0",
      bottom: "0",
      left: "0",
      height: "100%",
      zIndex: "1000",
    });
  }

  /** The mask, the area around the box, the box and the iframe, not yet in the document. */
  function buildModal(address, onClickOutside) {
    const modal = document.createElement("div");
    const mask = modal.appendChild(document.createElement("div"));
    const surroundings = modal.appendChild(document.createElement("div"));
    const box = surroundings.appendChild(document.createElement("div"));
    const iframe = box.appendChild(document.createElement("iframe"));

    cover(mask);
    mask.style.backgroundColor = "rgba(0, 0, 0, 0.45)";
    cover(surroundings);
    mask.addEventListener("click", onClickOutside);
    surroundings.addEventListener("click", onClickOutside);

    Object.assign(box.style, {
      width: "400px",
      maxWidth: "100%",
      height: "659px",
      maxHeight: "659px",
      margin: "75px auto",
      backgroundColor: "#fff",
      borderRadius: "16px",
    });
    Object.assign(iframe.style, {
      minWidth: "100%",
      minHeight: "100%",
      border: "none",
      borderRadius: "16px",
    });
    iframe.title = "Alloy";
    iframe.src = address;
    return { modal, iframe };
  }

  /**
   * Shows the page at `address` and listens to what it posts. `read(message)` turns a message
   * into what it means: {show}, {close: result} or {done: result, pause, keepOpen}.
   */
  function open(address, { callback, hide, iframeId, success, read }) {
    const expected = origin();
    const { modal, iframe } = buildModal(address, () => {
      modal.remove();
      callback?.({ success: success() });
    });
    if (hide) modal.style.display = "none";
    if (iframeId) iframe.id = iframeId;

    const finish = () => {
      modal.remove();
      window.removeEventListener("message", listen);
    };
    function listen(event) {
      if (event.origin !== expected || !event.data) return;
      const meaning = read(event.data);
      if (meaning.show) {
        modal.style.display = "block";
      } else if (meaning.close) {
        callback?.(meaning.close);
        finish();
      } else if (meaning.done) {
        callback?.(meaning.done);
        if (!meaning.keepOpen) setTimeout(finish, meaning.pause);
      }
    }

    document.body.appendChild(modal);
    window.addEventListener("message", listen);
  }

  const keepsOpen = (message) => !(message.closeModal || message.closeModal === undefined);

  function workflowQuery({ integrationId, workflowIds }) {
    if (integrationId) return `integrationId=${integrationId}&`;
    const ids = Array.isArray(workflowIds) ? workflowIds : [workflowIds];
    return ids.map((id) => `id=${id}&`).join("");
  }

  function versionQuery({ versionIds, workflowIds }) {
    if (Array.isArray(versionIds)) return versionIds.map((id) => `versionId=${id}&`).join("");
    // The original sends the workflow ids when a single version is given.
    return versionIds ? `versionId=${workflowIds}&` : "";
  }

  const listQuery = (name, list) =>
    Array.isArray(list) && list.length ? `${name}=${JSON.stringify(list)}&` : "";

  function installAddress(params) {
    return [
      `${origin()}/forge-install?`,
      workflowQuery(params),
      versionQuery(params),
      listQuery("preFilledValues", params.preFilledValues),
      listQuery("outputOverride", params.outputOverride),
      `token=${token}&forgeMode=engaged`,
      params.hide ? "&hide=true" : "",
      params.alwaysShowAuthentication ? "&alwaysShowAuthentication=true" : "",
      params.operation ? `&operation=${params.operation}` : "",
      params.title ? `&title=${params.title}` : "",
      params.workflowSelection ? "&workflowSelection=true" : "",
    ].join("");
  }

  function install(params) {
    requireToken();
    let success = false;
    open(installAddress(params), {
      callback: params.callback,
      hide: params.hide,
      success: () => success,
      read(message) {
        if (message.showModal) return { show: true };
        if (message.closeModal) return { close: { success } };
        if (!message.workflowCreated) return {};
        success = true;
        const told = params.callback && message.workflowIds;
        return {
          done: { success },
          pause: told ? LONG_PAUSE : SHORT_PAUSE,
          keepOpen: keepsOpen(message),
        };
      },
    });
  }

  function authenticateAddress({ integrationId, app, category, useUnifiedSettings, callback }) {
    return [
      `${origin()}/authenticate-app?token=${token}&forgeMode=engaged`,
      integrationId ? `&integrationId=${integrationId}` : "",
      app ? `&app=${app}` : "",
      category ? `&category=${category}` : "",
      useUnifiedSettings ? `&useUnified=${useUnifiedSettings}` : "",
      // The original puts the function's source text into the address.
      callback ? `&callback=${callback}` : "",
    ].join("");
  }

  function connectionOf({ connectionId, credentialId }) {
    return { ...(connectionId && { connectionId }), ...(credentialId && { credentialId }) };
  }

  function authenticate(params) {
    requireToken();
    let success = false;
    open(authenticateAddress(params), {
      callback: params.callback,
      iframeId: "embedded-modal",
      success: () => success,
      read(message) {
        if (message.showModal) return { show: true };
        const connection = connectionOf(message);
        if (message.closeModal) {
          const status = message.connectionStatus;
          return { close: { success: status ? status !== "failed" : success, ...connection } };
        }
        success = true;
        return {
          done: { success, ...connection },
          pause: params.callback && Object.keys(connection).length ? LONG_PAUSE : SHORT_PAUSE,
          keepOpen: keepsOpen(message),
        };
      },
    });
  }

  const again = { alwaysShowAuthentication: true };

  window.Alloy = {
    setToken(value) {
      token = value;
    },
    setRegion(value) {
      region = value;
    },
    install,
    edit: (params) => install({ ...again, operation: "edit", ...params }),
    update: (params) => install({ ...again, operation: "update", ...params }),
    authenticate,
    getWorkflows() {
      requireToken();
      return call("GET", "workflows");
    },
    getIntegrations() {
      requireToken();
      return call("GET", "integrations");
    },
    deactivate(data) {
      requireToken();
      return call("PUT", "workflows/deactivate", data);
    },
    reactivate(data) {
      requireToken();
      return call("PUT", "workflows/activate", data);
    },
  };
})();
