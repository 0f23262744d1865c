"""Ships a .pth line beside the module: Python runs it at start, so the plain `rasa` command works too."""

from setuptools import setup
from setuptools.command.build_py import build_py


class BuildWithHook(build_py):
    def run(self) -> None:
        super().run()
        self.copy_file("daihou_tf_standin.pth", f"{self.build_lib}/daihou_tf_standin.pth")


setup(cmdclass={"build_py": BuildWithHook})
