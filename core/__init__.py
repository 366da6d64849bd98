"""People, access, audit, jobs, stored objects. Knows no domain: projects are plain ids here."""
