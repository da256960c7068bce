-- What is kept for a time is looked for by its age.
CREATE INDEX idempotency_by_age ON idempotency (created_at);
