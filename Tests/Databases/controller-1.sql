PRAGMA foreign_keys=OFF;
BEGIN TRANSACTION;
CREATE TABLE grdb_migrations (identifier TEXT NOT NULL PRIMARY KEY);
INSERT INTO grdb_migrations VALUES('1: jobs, runs, agents');
CREATE TABLE meta (
    only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
    store_id TEXT NOT NULL,
    write_checks INTEGER NOT NULL
) STRICT;
INSERT INTO meta VALUES(1,'6a5eef5b-86ba-dcd2-c135-6deebe44da8a',0);
CREATE TABLE agents (
    agent INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    hostname TEXT UNIQUE,
    labels TEXT NOT NULL,
    facts TEXT NOT NULL,
    version TEXT NOT NULL,
    first_seen_at INTEGER NOT NULL,
    last_seen_at INTEGER NOT NULL,
    last_delivery INTEGER NOT NULL DEFAULT 0,
    offered_delivery INTEGER NOT NULL DEFAULT 0,
    held_delivery INTEGER NOT NULL DEFAULT 0
) STRICT;
INSERT INTO agents VALUES(1,'@web-1@','web-1','{"env":"test"}','{"cpus":2,"os":{"id":"debian"}}','0.1.0',1795643136546,1795643136546,7,7,7);
INSERT INTO agents VALUES(2,'@web-2@','web-2','{"env":"test"}','{"cpus":2,"os":{"id":"debian"}}','0.1.0',1795643136557,1795643136557,3,2,2);
CREATE TABLE jobs (
    job INTEGER PRIMARY KEY AUTOINCREMENT,
    id BLOB NOT NULL UNIQUE CHECK (length(id) = 16),
    status TEXT NOT NULL,
    operation_type TEXT NOT NULL,
    target TEXT NOT NULL,
    note TEXT,
    submitted_by TEXT,
    created_at INTEGER NOT NULL,
    deadline_at INTEGER NOT NULL,
    hard_end_at INTEGER NOT NULL,
    next_check_at INTEGER NOT NULL,
    started_at INTEGER,
    finished_at INTEGER,
    pending INTEGER NOT NULL CHECK (pending >= 0),
    acknowledged INTEGER NOT NULL CHECK (acknowledged >= 0),
    started INTEGER NOT NULL CHECK (started >= 0),
    completed INTEGER NOT NULL CHECK (completed >= 0),
    failed INTEGER NOT NULL CHECK (failed >= 0),
    skipped INTEGER NOT NULL CHECK (skipped >= 0),
    timed_out INTEGER NOT NULL CHECK (timed_out >= 0),
    cancelled INTEGER NOT NULL CHECK (cancelled >= 0),
    expired INTEGER NOT NULL CHECK (expired >= 0),
    lost INTEGER NOT NULL CHECK (lost >= 0),
    changed_count INTEGER NOT NULL,
    unchanged_count INTEGER NOT NULL,
    timeline_count INTEGER NOT NULL,
    timeline_time INTEGER NOT NULL
) STRICT;
INSERT INTO jobs VALUES(1,X'01a214abda5970009f00a44c6c71ef68','completed','command.shell','_all','completed','dump',1795643136601,1795646736601,1795647336601,1795646736601,1795643136621,1795643136654,0,0,0,2,0,0,0,0,0,0,2,0,7,1795643136654);
INSERT INTO jobs VALUES(2,X'01a214abda737000bd9f9dd3b6de3112','failed','command.shell','web-1','failed','dump',1795643136627,1795646736627,1795647336627,1795646736627,1795643136672,1795643136697,0,0,0,0,1,0,0,0,0,0,0,0,4,1795643136697);
INSERT INTO jobs VALUES(3,X'01a214abda8770009de3e229ff348c10','partial_failure','command.shell','_all','partial','dump',1795643136647,1795646736647,1795647336647,1795646736647,1795643136692,1795643136711,0,0,0,1,1,0,0,0,0,0,1,0,7,1795643136711);
INSERT INTO jobs VALUES(4,X'01a214abdb767000bb0d0fcdc1e7033f','submitted','command.shell','web-2','offline','dump',1795643136886,1795646736886,1795647336886,1795646736886,NULL,NULL,1,0,0,0,0,0,0,0,0,0,0,0,1,1795643136886);
INSERT INTO jobs VALUES(5,X'01a214abdb8470008fbfb2093ecf55f8','processing','command.shell','web-1','untold','dump',1795643136900,1795646736900,1795647336900,1795646736900,1795643136922,NULL,0,0,1,0,0,0,0,0,0,0,0,0,3,1795643136927);
INSERT INTO jobs VALUES(6,X'01a214abdb9770009dad61af7440d516','processing','command.shell','web-1','interrupted','dump',1795643136919,1795646736919,1795647336919,1795646736919,1795643136936,NULL,0,0,1,0,0,0,0,0,0,0,0,0,3,1795643136943);
INSERT INTO jobs VALUES(7,X'01a214abdbac700089bed870f96573b4','processing','command.shell','web-1','second','dump',1795643136940,1795646736940,1795647336940,1795646736940,1795643136950,NULL,0,1,0,0,0,0,0,0,0,0,0,0,2,1795643136950);
INSERT INTO jobs VALUES(8,X'01a214abdbdc7000a191e3846fe56e62','processing','command.shell','web-1','held','dump',1795643136988,1795646736988,1795647336988,1795646736988,1795643136996,NULL,0,1,0,0,0,0,0,0,0,0,0,0,2,1795643136996);
CREATE TABLE job_operations (job INTEGER PRIMARY KEY REFERENCES jobs, data TEXT NOT NULL) STRICT;
INSERT INTO job_operations VALUES(1,'{"command":"echo out"}');
INSERT INTO job_operations VALUES(2,'{"command":"exit 3"}');
INSERT INTO job_operations VALUES(3,'{"command":"test $BROKER_HOSTNAME = web-2"}');
INSERT INTO job_operations VALUES(4,'{"command":"echo later"}');
INSERT INTO job_operations VALUES(5,'{"command":"sleep 5; echo told"}');
INSERT INTO job_operations VALUES(6,'{"command":": interrupted; sleep 3600; echo never"}');
INSERT INTO job_operations VALUES(7,'{"command":": second; sleep 3600; echo never"}');
INSERT INTO job_operations VALUES(8,'{"command":"echo held"}');
CREATE TABLE job_status_counts (status TEXT PRIMARY KEY, number INTEGER NOT NULL CHECK (number >= 0)) STRICT;
INSERT INTO job_status_counts VALUES('submitted',1);
INSERT INTO job_status_counts VALUES('processing',4);
INSERT INTO job_status_counts VALUES('completed',1);
INSERT INTO job_status_counts VALUES('failed',1);
INSERT INTO job_status_counts VALUES('partial_failure',1);
CREATE TABLE runs (
    job INTEGER NOT NULL REFERENCES jobs,
    agent INTEGER NOT NULL REFERENCES agents,
    hostname TEXT NOT NULL,
    state TEXT NOT NULL,
    attempt INTEGER NOT NULL,
    delivery INTEGER NOT NULL,
    changed INTEGER,
    error_code TEXT,
    error_message TEXT,
    acknowledged_at INTEGER,
    started_at INTEGER,
    finished_at INTEGER,
    PRIMARY KEY (job, agent)
) STRICT, WITHOUT ROWID;
INSERT INTO runs VALUES(1,1,'web-1','completed',1,1,1,NULL,NULL,1795643136629,1795643136629,1795643136654);
INSERT INTO runs VALUES(1,2,'web-2','completed',1,1,1,NULL,NULL,1795643136621,1795643136621,1795643136636);
INSERT INTO runs VALUES(2,1,'web-1','failed',1,2,NULL,'non_zero_exit','exit code 3',1795643136672,1795643136697,1795643136697);
INSERT INTO runs VALUES(3,1,'web-1','failed',1,3,NULL,'non_zero_exit','exit code 1',1795643136700,1795643136703,1795643136711);
INSERT INTO runs VALUES(3,2,'web-2','completed',1,2,1,NULL,NULL,1795643136692,1795643136697,1795643136702);
INSERT INTO runs VALUES(4,2,'web-2','pending',1,3,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO runs VALUES(5,1,'web-1','started',1,4,NULL,NULL,NULL,1795643136922,1795643136927,NULL);
INSERT INTO runs VALUES(6,1,'web-1','started',1,5,NULL,NULL,NULL,1795643136936,1795643136943,NULL);
INSERT INTO runs VALUES(7,1,'web-1','acknowledged',1,6,NULL,NULL,NULL,1795643136950,NULL,NULL);
INSERT INTO runs VALUES(8,1,'web-1','acknowledged',1,7,NULL,NULL,NULL,1795643136996,NULL,NULL);
CREATE TABLE run_data (
    job INTEGER NOT NULL,
    agent INTEGER NOT NULL,
    data TEXT NOT NULL,
    PRIMARY KEY (job, agent),
    FOREIGN KEY (job, agent) REFERENCES runs
) STRICT;
INSERT INTO run_data VALUES(1,2,'{"duration_ms":2,"exit_code":0,"signal":null,"stderr":"","stderr_bytes":0,"stderr_encoding":"utf-8","stderr_sha256":"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855","stderr_truncated":false,"stdout":"out\n","stdout_bytes":4,"stdout_encoding":"utf-8","stdout_sha256":"54034ac5c6e9ea95734ec2b729fd6d62abf64af34a9f9ce5d466cb788191a73d","stdout_truncated":false}');
INSERT INTO run_data VALUES(1,1,'{"duration_ms":0,"exit_code":0,"signal":null,"stderr":"","stderr_bytes":0,"stderr_encoding":"utf-8","stderr_sha256":"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855","stderr_truncated":false,"stdout":"out\n","stdout_bytes":4,"stdout_encoding":"utf-8","stdout_sha256":"54034ac5c6e9ea95734ec2b729fd6d62abf64af34a9f9ce5d466cb788191a73d","stdout_truncated":false}');
INSERT INTO run_data VALUES(2,1,'{"duration_ms":0,"exit_code":3,"signal":null,"stderr":"","stderr_bytes":0,"stderr_encoding":"utf-8","stderr_sha256":"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855","stderr_truncated":false,"stdout":"","stdout_bytes":0,"stdout_encoding":"utf-8","stdout_sha256":"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855","stdout_truncated":false}');
INSERT INTO run_data VALUES(3,2,'{"duration_ms":0,"exit_code":0,"signal":null,"stderr":"","stderr_bytes":0,"stderr_encoding":"utf-8","stderr_sha256":"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855","stderr_truncated":false,"stdout":"","stdout_bytes":0,"stdout_encoding":"utf-8","stdout_sha256":"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855","stdout_truncated":false}');
INSERT INTO run_data VALUES(3,1,'{"duration_ms":0,"exit_code":1,"signal":null,"stderr":"","stderr_bytes":0,"stderr_encoding":"utf-8","stderr_sha256":"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855","stderr_truncated":false,"stdout":"","stdout_bytes":0,"stdout_encoding":"utf-8","stdout_sha256":"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855","stdout_truncated":false}');
CREATE TABLE events (
    job INTEGER NOT NULL REFERENCES jobs,
    sequence INTEGER NOT NULL,
    time INTEGER NOT NULL,
    event TEXT NOT NULL,
    hostname TEXT,
    message TEXT,
    error_code TEXT,
    error_message TEXT,
    PRIMARY KEY (job, sequence)
) STRICT, WITHOUT ROWID;
INSERT INTO events VALUES(1,1,1795643136601,'submitted',NULL,'command.shell for 2 agents',NULL,NULL);
INSERT INTO events VALUES(1,2,1795643136621,'acknowledged','web-2',NULL,NULL,NULL);
INSERT INTO events VALUES(1,3,1795643136621,'started','web-2',NULL,NULL,NULL);
INSERT INTO events VALUES(1,4,1795643136629,'acknowledged','web-1',NULL,NULL,NULL);
INSERT INTO events VALUES(1,5,1795643136629,'started','web-1',NULL,NULL,NULL);
INSERT INTO events VALUES(1,6,1795643136636,'completed','web-2','exit code 0, changed',NULL,NULL);
INSERT INTO events VALUES(1,7,1795643136654,'completed','web-1','exit code 0, changed',NULL,NULL);
INSERT INTO events VALUES(2,1,1795643136627,'submitted',NULL,'command.shell for 1 agent',NULL,NULL);
INSERT INTO events VALUES(2,2,1795643136672,'acknowledged','web-1',NULL,NULL,NULL);
INSERT INTO events VALUES(2,3,1795643136697,'started','web-1',NULL,NULL,NULL);
INSERT INTO events VALUES(2,4,1795643136697,'failed','web-1','exit code 3','non_zero_exit','exit code 3');
INSERT INTO events VALUES(3,1,1795643136647,'submitted',NULL,'command.shell for 2 agents',NULL,NULL);
INSERT INTO events VALUES(3,2,1795643136692,'acknowledged','web-2',NULL,NULL,NULL);
INSERT INTO events VALUES(3,3,1795643136697,'started','web-2',NULL,NULL,NULL);
INSERT INTO events VALUES(3,4,1795643136700,'acknowledged','web-1',NULL,NULL,NULL);
INSERT INTO events VALUES(3,5,1795643136702,'completed','web-2','exit code 0, changed',NULL,NULL);
INSERT INTO events VALUES(3,6,1795643136703,'started','web-1',NULL,NULL,NULL);
INSERT INTO events VALUES(3,7,1795643136711,'failed','web-1','exit code 1','non_zero_exit','exit code 1');
INSERT INTO events VALUES(4,1,1795643136886,'submitted',NULL,'command.shell for 1 agent',NULL,NULL);
INSERT INTO events VALUES(5,1,1795643136900,'submitted',NULL,'command.shell for 1 agent',NULL,NULL);
INSERT INTO events VALUES(5,2,1795643136922,'acknowledged','web-1',NULL,NULL,NULL);
INSERT INTO events VALUES(5,3,1795643136927,'started','web-1',NULL,NULL,NULL);
INSERT INTO events VALUES(6,1,1795643136919,'submitted',NULL,'command.shell for 1 agent',NULL,NULL);
INSERT INTO events VALUES(6,2,1795643136936,'acknowledged','web-1',NULL,NULL,NULL);
INSERT INTO events VALUES(6,3,1795643136943,'started','web-1',NULL,NULL,NULL);
INSERT INTO events VALUES(7,1,1795643136940,'submitted',NULL,'command.shell for 1 agent',NULL,NULL);
INSERT INTO events VALUES(7,2,1795643136950,'acknowledged','web-1',NULL,NULL,NULL);
INSERT INTO events VALUES(8,1,1795643136988,'submitted',NULL,'command.shell for 1 agent',NULL,NULL);
INSERT INTO events VALUES(8,2,1795643136996,'acknowledged','web-1',NULL,NULL,NULL);
DELETE FROM sqlite_sequence;
INSERT INTO sqlite_sequence VALUES('jobs',8);
CREATE INDEX jobs_by_status ON jobs (status, id);
CREATE INDEX open_jobs_by_next_check ON jobs (next_check_at) WHERE finished_at IS NULL;
CREATE INDEX runs_by_hostname ON runs (job, hostname);
CREATE INDEX runs_by_state ON runs (job, state, hostname);
CREATE INDEX pending_runs ON runs (agent, delivery) WHERE state = 'pending';
CREATE INDEX open_runs ON runs (agent) WHERE state IN ('acknowledged', 'started');
COMMIT;
