"""Interview flows: the YAML a recruiter writes, what an utterance means, and the engine that holds the interview."""
