using MicroSpark.Client.Shell;

namespace MicroSpark.Tests.Shell;

public sealed class CompleterTests : IAsyncLifetime
{
    private MicroSparkContext? _spark;
    private ScriptSession? _session;

    public async Task InitializeAsync()
    {
        _spark = await MicroSparkContext.StartLocalAsync();
        _session = await ScriptSession.StartAsync(_spark);
        await _session.RunAsync("var numbers = spark.Range(10); record Person(string FirstName);");
    }

    public async Task DisposeAsync()
    {
        _session!.Dispose();
        await _spark!.DisposeAsync();
    }

    [Theory]
    [InlineData("numb", "numbers")]
    [InlineData("await numbers.CountAsy", "CountAsync")]
    [InlineData("numbers.Map(x => x).Histogra", "HistogramAsync")]
    [InlineData("new Perso", "Person")]
    [InlineData("new Person(\"a\").First", "FirstName")]
    [InlineData("StorageLevel.MemoryAndDiskS", "MemoryAndDiskSerialized MemoryAndDiskSerialized2")]
    [InlineData("System.Text.StringBuild", "StringBuilder")]
    [InlineData("forea", "foreach")]
    [InlineData("numbers.countas", "CountAsync")]
    [InlineData(":wo", ":workers")]
    [InlineData(":jo", ":job :jobs")]
    [InlineData(":type numbers.countas", "CountAsync")]
    [InlineData(":nothing x", "")]
    [InlineData("nothing.x", "")]
    public void What_could_follow_is_found(string text, string expected)
    {
        var (start, names) = new Completer(_session!).Complete(text, text.Length);
        Assert.Equal(expected, string.Join(' ', names));
        Assert.EndsWith(text[start..], text, StringComparison.Ordinal);
    }

    [Fact]
    public void Files_are_completed_where_a_command_takes_one()
    {
        using var folder = new TemporaryFolder();
        folder.Write("setup.csx", "");
        Directory.CreateDirectory(folder.File("sets"));
        var text = $":load {folder.Path}/se";
        var (start, names) = new Completer(_session!).Complete(text, text.Length);

        Assert.Equal(["sets/", "setup.csx"], names);
        Assert.Equal(text.Length - "se".Length, start);
        Assert.Empty(new Completer(_session!).Complete(":load /no/such/folder/x", 23).Names);
    }

    [Fact]
    public void Several_candidates_agree_on_a_beginning() =>
        Assert.Equal("TakeOrdered", Completer.CommonPrefix(["TakeOrdered", "TakeOrderedAsync", "TakeOrderedBy"]));

    [Fact]
    public async Task Code_of_a_session_is_unloaded_after_reset()
    {
        var line = await LoadAndForgetAsync();
        for (var i = 0; i < 20 && line.IsAlive; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        Assert.False(line.IsAlive);
    }

    [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
    private async Task<WeakReference> LoadAndForgetAsync()
    {
        var value = await _session!.RunAsync("new Person(\"a\")");
        var weak = new WeakReference(value.Value!.GetType().Assembly);
        await _session.ResetAsync();
        return weak;
    }
}
