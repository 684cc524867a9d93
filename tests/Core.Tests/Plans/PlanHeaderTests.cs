using MicroSpark.Model;
using MicroSpark.Plans;

namespace MicroSpark.Tests.Plans;

/// <summary>Who may run a plan.</summary>
public sealed class PlanHeaderTests
{
    [Fact]
    public void This_builds_plans_run_here() => PlanHeader.Current.EnsureRuns();

    [Fact]
    public void Another_version_is_refused_with_both_and_the_commands_that_change_them()
    {
        var here = ProtocolNumber.Current;
        var other = new ProtocolNumber(here.Value + 1);
        var error = Assert.Throws<InvalidDataException>(() => (PlanHeader.Current with { Protocol = other }).EnsureRuns());
        Assert.Equal(
            $"The client runs MicroSpark {other}, and this worker {here}. Use the same version on both: "
            + $"'dotnet package add MicroSpark --version {here}.*' changes the program's, "
            + $"'dotnet tool update --global MicroSpark.Tool --version {other}.*' the worker's.",
            error.Message);
    }
}
