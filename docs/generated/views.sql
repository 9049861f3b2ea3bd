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
