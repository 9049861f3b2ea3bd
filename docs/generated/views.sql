-- Generated from src/tables/ by `npm run generate`; do not edit.
-- Register the tables first, under the names in docs/generated/tables.md.

-- Every event, once.
CREATE OR REPLACE VIEW bronze.events AS
SELECT outcome, date, event_id, org_id, source, dialect, topic, event_type, event_time, event_time_source, received_at, conversation_id, sender, headers, body, body_bytes, body_sha256, reason, detail, first_position, journal_id, journal_partition, position
FROM bronze.arrivals
WHERE outcome = 'event';

-- Repeated deliveries of an event that is already there.
CREATE OR REPLACE VIEW bronze.duplicates AS
SELECT outcome, date, event_id, org_id, source, dialect, topic, event_type, event_time, event_time_source, received_at, conversation_id, sender, headers, body, body_bytes, body_sha256, reason, detail, first_position, journal_id, journal_partition, position
FROM bronze.arrivals
WHERE outcome = 'duplicate';

-- What could not pass, kept whole.
CREATE OR REPLACE VIEW bronze.dead_letters AS
SELECT outcome, date, event_id, org_id, source, dialect, topic, event_type, event_time, event_time_source, received_at, conversation_id, sender, headers, body, body_bytes, body_sha256, reason, detail, first_position, journal_id, journal_partition, position
FROM bronze.arrivals
WHERE outcome = 'dead_letter';

-- What Inlet did and saw: tallies, gaps, decisions.
CREATE OR REPLACE VIEW bronze.notes AS
SELECT outcome, date, event_id, org_id, source, dialect, topic, event_type, event_time, event_time_source, received_at, conversation_id, sender, headers, body, body_bytes, body_sha256, reason, detail, first_position, journal_id, journal_partition, position
FROM bronze.arrivals
WHERE outcome = 'note';

-- `silver.conversation_details` of the latest pull of each conversation: a session is one row, and sums are right.
CREATE OR REPLACE VIEW silver.latest_conversation_details AS
SELECT event_id, org_id, source, event_type, event_time, received_at, conversation_id, participant_id, session_id, media_type, direction, queue_id, user_id, conversation_start, conversation_end, purpose, participant_name, external_contact_id, provider, ani, dnis, remote, disconnect_type, wrap_up_codes, session_start, session_end, acd_ms, alert_ms, answered_ms, abandon_ms, talk_ms, held_ms, acw_ms, dialing_ms, contacting_ms, handle_ms, offered, connected, transferred, errors, bucket, journal_id, journal_partition, position, date
FROM (
  SELECT *,
    rank() OVER (PARTITION BY coalesce(conversation_id, event_id), known_org_id
      ORDER BY received_at DESC NULLS LAST, journal_id, journal_partition, position DESC) AS pull
  FROM (
    SELECT *,
      coalesce(org_id, max(org_id) OVER (PARTITION BY conversation_id)) AS known_org_id
    FROM silver.conversation_details) AS owned) AS ranked
WHERE pull = 1;

-- `gold.queue_intervals` with `queue_name`, as it was when the interval began.
CREATE OR REPLACE VIEW gold.named_queue_intervals AS
WITH known AS (
  SELECT org_id, id, name, valid_from,
    lag(valid_from) OVER (PARTITION BY org_id, id ORDER BY valid_from) AS before,
    lead(valid_from) OVER (PARTITION BY org_id, id ORDER BY valid_from) AS until
  FROM silver.queues)
SELECT told.*, known.name AS queue_name
FROM gold.queue_intervals AS told
  LEFT JOIN known ON known.org_id = told.org_id AND known.id = told.queue_id
    AND (known.before IS NULL OR told.interval_start >= known.valid_from)
    AND (known.until IS NULL OR told.interval_start < known.until);

-- `gold.agent_intervals` with `user_name`, as it was when the interval began.
CREATE OR REPLACE VIEW gold.named_agent_intervals AS
WITH known AS (
  SELECT org_id, id, name, valid_from,
    lag(valid_from) OVER (PARTITION BY org_id, id ORDER BY valid_from) AS before,
    lead(valid_from) OVER (PARTITION BY org_id, id ORDER BY valid_from) AS until
  FROM silver.users)
SELECT told.*, known.name AS user_name
FROM gold.agent_intervals AS told
  LEFT JOIN known ON known.org_id = told.org_id AND known.id = told.user_id
    AND (known.before IS NULL OR told.interval_start >= known.valid_from)
    AND (known.until IS NULL OR told.interval_start < known.until);
