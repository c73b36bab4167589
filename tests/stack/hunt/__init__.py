"""An AcmeCo as in production, with a page that crashes, and everything that it leaves behind."""
