using MicroSpark.Client.Shell;

namespace MicroSpark.Tests.Shell;

/// <summary>What a line says of packages and of the home folder, before the compiler reads it.</summary>
public sealed class ScriptPackagesTests
{
    [Theory]
    [InlineData("#r \"nuget: NodaTime, 3.3.4\"", "// \"nuget: NodaTime, 3.3.4\"")]
    [InlineData("#r \"nuget:A.B,1.*\"\nvar x = 1;", "// \"nuget:A.B,1.*\"\nvar x = 1;")]
    [InlineData("var text = \"nuget: A, 1\";", "var text = \"nuget: A, 1\";")]
    [InlineData("#r \"nuget: A\"", "#r \"nuget: A\"")]
    [InlineData("#r \"nuget.dll\"", "#r \"nuget.dll\"")]
    public void A_directive_is_a_comment_to_the_compiler(string line, string seen) => Assert.Equal(seen, ScriptPackages.Hide(line));

    [Fact]
    public async Task Lines_without_packages_bring_none()
    {
        var packages = new ScriptPackages(".");
        Assert.False(await packages.AddAsync("var x = 1; // nuget: A, 1", CancellationToken.None));
        Assert.Empty(packages.References);
    }

    [Theory]
    [InlineData("~", "")]
    [InlineData("~/setup.csx", "/setup.csx")]
    public void The_home_folder_is_a_tilde(string typed, string below) =>
        Assert.Equal(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile) + below, HomePath.Expand(typed));

    [Theory]
    [InlineData("~other/file")]
    [InlineData("/a/~/b")]
    [InlineData("setup.csx")]
    public void Other_paths_stay_as_they_are(string typed) => Assert.Equal(typed, HomePath.Expand(typed));
}
