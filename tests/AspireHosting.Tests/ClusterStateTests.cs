using Aspire.Hosting.ApplicationModel;
using MicroSpark.AspireHosting;

namespace MicroSpark.Tests;

/// <summary>Who waits for the cluster waits for all workers; later it is there as long as one of them.</summary>
public sealed class ClusterStateTests
{
    [Theory]
    [InlineData("Starting", "Starting Starting", "Starting")]
    [InlineData("Starting", "Ready Starting", "Starting")]
    [InlineData("Starting", "Ready Ready", "Running")]
    [InlineData("Starting", "Ready Ended", "FailedToStart")]
    [InlineData("FailedToStart", "Ready Starting", "Starting")]
    [InlineData("FailedToStart", "Ready Ready", "Running")]
    [InlineData("Running", "Ready Ended", "Running")]
    [InlineData("Running", "Starting Ended", "Running")]
    [InlineData("Running", "Ended Ended", "Exited")]
    [InlineData("Exited", "Starting Ended", "Exited")]
    [InlineData("Exited", "Starting Ready", "Starting")]
    [InlineData("Exited", "Ready Ready", "Running")]
    public void Its_state_follows_from_its_workers(string before, string workers, string expected) =>
        Assert.Equal(expected, ClusterState.After(before, [.. workers.Split(' ').Select(Enum.Parse<Readiness>)]));

    [Theory]
    [InlineData("Exited", "Ended")]
    [InlineData("FailedToStart", "Ended")]
    [InlineData("Finished", "Ended")]
    [InlineData("Running", "Ready")]
    [InlineData("Waiting", "Starting")]
    [InlineData("Stopping", "Starting")]
    public void A_workers_state_is_what_the_dashboard_shows(string shown, string expected)
    {
        var snapshot = new CustomResourceSnapshot { ResourceType = "Executable", Properties = [], State = shown };

        Assert.Equal(expected, ClusterState.Of(snapshot).ToString());
    }
}
