-- A journal of schema version 1 with two alarms, as the first release writes it. Not to be edited.
PRAGMA application_id = 1266049394;
PRAGMA user_version = 1;
BEGIN TRANSACTION;
CREATE TABLE alarm (
        id TEXT PRIMARY KEY NOT NULL,
        episode TEXT NOT NULL,
        kind TEXT NOT NULL,
        priority INTEGER NOT NULL,
        source_number INTEGER NOT NULL,
        source_role TEXT NOT NULL,
        location TEXT,
        resident INTEGER NOT NULL,
        reason TEXT NOT NULL,
        sensed_at INTEGER NOT NULL,
        raised_at INTEGER NOT NULL,
        raised_by TEXT NOT NULL,
        clock_trouble INTEGER NOT NULL,
        test INTEGER NOT NULL,
        presses INTEGER NOT NULL,
        last_press_at INTEGER,
        state TEXT NOT NULL,
        acknowledged_at INTEGER,
        ended_at INTEGER,
        cleared_at INTEGER
    ) STRICT;
INSERT INTO "alarm" VALUES('01ALARM0000000000000000001','press-1','help_call',9,3,'help_button','bathroom',1,'pressed',1795143846678901,1795143846681901,'help_button',0,0,1,NULL,'raised',NULL,NULL,NULL);
INSERT INTO "alarm" VALUES('01ALARM0000000000000000002','press-2','help_call',9,3,'help_button','bathroom',1,'pressed',1795143847678901,1795143847681901,'help_button',0,0,1,NULL,'raised',NULL,NULL,NULL);
CREATE TABLE audit (
        seq INTEGER PRIMARY KEY NOT NULL,
        at INTEGER NOT NULL,
        body TEXT NOT NULL,
        hash BLOB NOT NULL
    ) STRICT;
INSERT INTO "audit" VALUES(1,1795143845678903,'{"actor":"journal","at":"2026-11-20T03:04:05.678903Z","detail":{"incarnation":"01M7VEJHSEN0VZ976FN663AR1E"},"mono":1000.0,"what":"journal_created"}',X'132ED2AE39A9326719EFCD48B9CE8148AF4125FAFF1BBC16D8437D7738C800F2');
INSERT INTO "audit" VALUES(2,1795143846681901,'{"actor":"help_button","alarm_id":"01ALARM0000000000000000001","at":"2026-11-20T03:04:06.681901Z","detail":{"kind":"help_call"},"mono":101.0,"what":"alarm_raised"}',X'FB073F3E68946D94EF33D798CF1EC865E9DFF585C5D9BE76106E47B930BAF5D5');
INSERT INTO "audit" VALUES(3,1795143847681901,'{"actor":"help_button","alarm_id":"01ALARM0000000000000000002","at":"2026-11-20T03:04:07.681901Z","detail":{"kind":"help_call"},"mono":102.0,"what":"alarm_raised"}',X'05C3378A43F6BFE9F954BD838464CB47639F1B65BB01A2BCDE78795ED01CC285');
CREATE TABLE delivery (
        reference TEXT PRIMARY KEY NOT NULL,
        message_id TEXT NOT NULL,
        alarm_id TEXT NOT NULL,
        receiver TEXT NOT NULL,
        queued_at INTEGER NOT NULL,
        state TEXT NOT NULL,
        attempts INTEGER NOT NULL,
        first_sent_at INTEGER,
        received_at INTEGER,
        held_since INTEGER,
        maybe_heard INTEGER NOT NULL,
        minimal INTEGER NOT NULL,
        receipt TEXT,
        status_address TEXT,
        followed INTEGER NOT NULL,
        words TEXT NOT NULL
    ) STRICT;
INSERT INTO "delivery" VALUES('01REFERENCE000000000000001','01MESSAGE00000000000000001','01ALARM0000000000000000001','receiver-1',1795143846682901,'queued',0,NULL,NULL,NULL,0,0,NULL,NULL,0,'');
INSERT INTO "delivery" VALUES('01REFERENCE000000000000002','01MESSAGE00000000000000002','01ALARM0000000000000000002','receiver-1',1795143847682901,'queued',0,NULL,NULL,NULL,0,0,NULL,NULL,0,'');
CREATE TABLE marker (key TEXT PRIMARY KEY NOT NULL, value TEXT NOT NULL) STRICT;
INSERT INTO "marker" VALUES('cord','{"on":true}');
CREATE TABLE message (
        id TEXT PRIMARY KEY NOT NULL,
        alarm_id TEXT NOT NULL,
        kind TEXT NOT NULL,
        created_at INTEGER NOT NULL,
        note TEXT
    ) STRICT;
INSERT INTO "message" VALUES('01MESSAGE00000000000000001','01ALARM0000000000000000001','alarm',1795143846681901,NULL);
INSERT INTO "message" VALUES('01MESSAGE00000000000000002','01ALARM0000000000000000002','alarm',1795143847681901,NULL);
CREATE TABLE meta (key TEXT PRIMARY KEY NOT NULL, value ANY NOT NULL) STRICT;
INSERT INTO "meta" VALUES('commits',3);
INSERT INTO "meta" VALUES('wal_link','8b459d769bc96be9 9821fe7341e45ec3 aab68dd8');
INSERT INTO "meta" VALUES('incarnation','01M7VEJHSEN0VZ976FN663AR1E');
INSERT INTO "meta" VALUES('audit_head',3);
INSERT INTO "meta" VALUES('audit_head_hash','05c3378a43f6bfe9f954bd838464cb47639f1b65bb01a2bcde78795ed01cc285');
INSERT INTO "meta" VALUES('seal_nonce','1d3afbd6a2dd74f8');
INSERT INTO "meta" VALUES('seal_kept','attribute');
INSERT INTO "meta" VALUES('seal_file','2345582:1404762441');
INSERT INTO "meta" VALUES('seal_host','');
INSERT INTO "meta" VALUES('ready',1);
CREATE TABLE watcher (
        identity TEXT PRIMARY KEY NOT NULL,
        deadline INTEGER,
        state TEXT NOT NULL
    ) STRICT;
CREATE UNIQUE INDEX alarm_episode ON alarm (episode);
CREATE INDEX message_alarm ON message (alarm_id);
CREATE INDEX delivery_alarm ON delivery (alarm_id);
COMMIT;
