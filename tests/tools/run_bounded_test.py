"""tools/run-bounded leaves no process behind, whatever its command did and however it ended."""
import os
import signal
import subprocess
import tempfile
import unittest
from pathlib import Path

RUN_BOUNDED = Path(__file__).resolve().parents[2] / "tools" / "run-bounded"
# Writes a line for each process once it is up: a child, one in a session of its own, one that ignores SIGTERM.
FAMILY = """
sleep 1000 & echo $! >> pids
setsid bash -c 'echo $$ >> pids; exec sleep 1000' &
bash -c 'trap "" TERM; echo $$ >> pids; sleep 1000' &
until [ $(wc -l < pids) = 3 ]; do sleep 0.01; done
"""


def is_alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


class RunBounded(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)

    def start(self, *arguments):
        return subprocess.Popen([RUN_BOUNDED, "--grace", "0.2", *arguments], cwd=self.folder.name,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def family(self):
        return [int(line) for line in Path(self.folder.name, "pids").read_text().split()]

    def assert_all_gone(self):
        self.assertEqual([pid for pid in self.family() if is_alive(pid)], [])

    def test_gives_the_exit_code_on_and_ends_what_is_left(self):
        running = self.start("bash", "-c", FAMILY + "exit 7")
        running.communicate()
        self.assertEqual(running.returncode, 7)
        self.assertEqual(len(self.family()), 3)
        self.assert_all_gone()

    def test_ends_everything_when_interrupted(self):
        running = self.start("bash", "-c", FAMILY + "echo up; sleep 1000")
        self.assertEqual(running.stdout.readline(), "up\n")
        running.send_signal(signal.SIGINT)
        running.communicate()
        self.assertEqual(running.returncode, 128 + signal.SIGINT)
        self.assert_all_gone()

    def test_ends_everything_after_the_time_it_was_given(self):
        running = self.start("--seconds", "1", "bash", "-c", FAMILY + "sleep 1000")
        _, said = running.communicate()
        self.assertEqual(running.returncode, 124)
        self.assertIn("ended after 1 s", said)
        self.assert_all_gone()

    def test_says_when_there_is_no_such_command(self):
        running = self.start(os.path.join(self.folder.name, "nothing"))
        _, said = running.communicate()
        self.assertEqual(running.returncode, 127)
        self.assertIn("No such file", said)


if __name__ == "__main__":
    unittest.main()
