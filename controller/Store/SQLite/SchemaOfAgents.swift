// SPDX-License-Identifier: Apache-2.0

/// What changes with each delivery, and what is large, in tables of their own beside `agents`.
///
/// A broadcast writes the numbers of all agents, and reads the rows of all agents; facts are thousands of bytes an agent, and
/// more where it has plug-ins.
enum SchemaOfAgents {
    static let statements = [
        """
        CREATE TABLE agent_deliveries (
            agent INTEGER PRIMARY KEY REFERENCES agents,
            last_delivery INTEGER NOT NULL DEFAULT 0,
            offered_delivery INTEGER NOT NULL DEFAULT 0,
            held_delivery INTEGER NOT NULL DEFAULT 0
        ) STRICT
        """,
        """
        INSERT INTO agent_deliveries (agent, last_delivery, offered_delivery, held_delivery)
        SELECT agent, last_delivery, offered_delivery, held_delivery FROM agents
        """,
        "CREATE TABLE agent_facts (agent INTEGER PRIMARY KEY REFERENCES agents, facts TEXT NOT NULL) STRICT",
        "INSERT INTO agent_facts (agent, facts) SELECT agent, facts FROM agents",
        "ALTER TABLE agents DROP COLUMN facts",
        "ALTER TABLE agents DROP COLUMN last_delivery",
        "ALTER TABLE agents DROP COLUMN offered_delivery",
        "ALTER TABLE agents DROP COLUMN held_delivery",
    ]
}
