"""What people who write crises need: new files, what a part means in words, rehearsals. Plays only baselines."""
