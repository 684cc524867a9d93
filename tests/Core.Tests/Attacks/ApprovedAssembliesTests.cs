using System.Diagnostics;
using System.Reflection;
using System.Security.Cryptography;
using MicroSpark.Code;
using MicroSpark.Model;
using MicroSpark.Tests.Closures;

namespace MicroSpark.Tests.Attacks;

/// <summary>Which assemblies a worker with approved code loads, whatever a plan says of them.</summary>
public sealed class ApprovedAssembliesTests : IDisposable
{
    private readonly Workshop _shop = new();
    private readonly Assembly _tools;
    private readonly Assembly _app;

    public ApprovedAssembliesTests()
    {
        _tools = _shop.Add("Tools", "public static class Tool { public static int Twice(int x) => x * 2; }");
        _app = _shop.Add("App", "public static class App { public static System.Func<int, int> Lambda() => x => Tool.Twice(x); }");
    }

    public void Dispose() => _shop.Unload();

    [Fact]
    public void An_assembly_that_is_not_in_the_list_is_not_loaded_and_the_error_says_what_to_add()
    {
        using var shop = new Loaded();
        using var space = Approving(_tools, _app);
        var foreign = shop.Shop.Add("App", "public static class App { public static System.Func<int, int> Lambda() => x => x; }");
        var shipped = AssemblyShipping.Of(foreign);
        var error = Assert.Throws<UnauthorizedAccessException>(() => space.LoadAll([shipped]));
        var hash = Convert.ToHexStringLower(SHA256.HashData(shipped.Image));
        Assert.Contains("'App'", error.Message, StringComparison.Ordinal);
        Assert.Contains(hash, error.Message, StringComparison.Ordinal);
        Assert.Contains("ApprovedAssemblies", error.Message, StringComparison.Ordinal);
        Assert.Contains("microspark hash App.dll", error.Message, StringComparison.Ordinal);
        Assert.Throws<UnauthorizedAccessException>(() => space.Load(shipped));
        Assert.False(space.Has(shipped.Id));

        // Nor under the id of one that is approved, nor together with one.
        Assert.Throws<UnauthorizedAccessException>(() => space.LoadAll([shipped with { Id = IdOf(_app) }]));
        Assert.Throws<UnauthorizedAccessException>(() => space.LoadAll([AssemblyShipping.Of(_tools), shipped]));
    }

    [Fact]
    public void An_id_stands_for_the_bytes_that_it_was_made_of()
    {
        var (tools, app) = (AssemblyShipping.Of(_tools), AssemblyShipping.Of(_app));
        using var space = Approving(_tools, _app);

        // Approved bytes under another approved one's id would run in its place, in other people's plans.
        Assert.Throws<UnauthorizedAccessException>(() => space.LoadAll([tools with { Id = app.Id }]));
        Assert.Throws<UnauthorizedAccessException>(() => space.LoadAll([tools, app with { References = [] }]));
        Assert.Throws<UnauthorizedAccessException>(() => space.LoadAll([app with { References = [new AssemblyId(LineageId.FromHash(new byte[32]))] }]));
        Assert.Throws<BadImageFormatException>(() => space.LoadAll([tools with { Name = "Other" }]));
        space.LoadAll([tools, app]);
        Assert.True(space.Has(app.Id));
    }

    [Fact]
    public void An_id_stands_for_who_refers_to_whom()
    {
        var base_ = _shop.Add("Base", "public static class Base { public static int Once(int x) => x; }");
        var middle = _shop.Add("Middle", "public static class Middle { public static int Once(int x) => Base.Once(x); }");
        var top = _shop.Add("Top", "public static class Top { public static System.Func<int, int> Lambda() => x => Middle.Once(x); }");
        var (low, mid, high) = (AssemblyShipping.Of(base_), AssemblyShipping.Of(middle), AssemblyShipping.Of(top));
        using var space = Approving(base_, middle, top);

        // All bytes are approved, and the last one's id is as it is in honest plans. Bound so, it could not run in anybody's.
        var cut = mid with { Id = AssemblyImage.IdOf(SHA256.HashData(mid.Image), []), References = [] };
        Assert.Throws<UnauthorizedAccessException>(() => space.LoadAll([low, cut, high with { References = [low.Id, cut.Id] }]));
        space.LoadAll([low, cut]);
        Assert.Throws<UnauthorizedAccessException>(() => space.LoadAll([high with { References = [low.Id, cut.Id] }]));
        space.LoadAll([mid, high]);
        Assert.True(space.Has(high.Id));
    }

    [Fact]
    public void An_assembly_of_the_framework_is_never_shipped_though_its_hash_is_listed()
    {
        var file = File.ReadAllBytes(typeof(Process).Assembly.Location);
        using var space = CodeSpace.Create(useProcess: false, new ApprovedCode([Convert.ToHexString(SHA256.HashData(file))]));
        var id = AssemblyImage.IdOf(SHA256.HashData(file), []);
        var error = Assert.Throws<UnauthorizedAccessException>(
            () => space.LoadAll([new ShippedAssembly(id, typeof(Process).Assembly.GetName().Name!, file, null, [])]));
        Assert.Contains("never shipped", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_the_workers_own_process_has_is_not_approved_by_that()
    {
        using var space = CodeSpace.Create(useProcess: true, new ApprovedCode([]));
        var own = CodeSpace.Process.IdOf(typeof(ApprovedAssembliesTests).Assembly)!.Value;
        Assert.False(space.Has(own));
        Assert.Null(space.Find(own));
        Assert.Throws<UnauthorizedAccessException>(() => space.LoadAll(AssemblyShipping.ClosureOf([own])));
    }

    [Fact]
    public void A_reference_that_was_not_shipped_is_not_taken_from_the_workers_folder()
    {
        // The bytes are approved; the plan leaves out what they need, which the tests' own folder has.
        using var shop = new Loaded();
        shop.Shop.Reference(File.ReadAllBytes(typeof(CsCheck.Gen).Assembly.Location));
        var (image, _) = shop.Shop.Compile("Needs", "public static class Needs { public static System.Type Type() => typeof(CsCheck.Size); }");
        var id = AssemblyImage.IdOf(SHA256.HashData(image), []);
        using var space = CodeSpace.Create(useProcess: false, new ApprovedCode([Convert.ToHexString(SHA256.HashData(image))]));
        space.LoadAll([new ShippedAssembly(id, "Needs", image, null, [])]);
        var error = Assert.Throws<TargetInvocationException>(() => space.Get(id).GetType("Needs")!.GetMethod("Type")!.Invoke(null, null));
        Assert.Contains("was not shipped", error.InnerException!.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void The_list_is_read_as_sha256sum_prints_it()
    {
        var hash = new string('a', 64);
        var list = ApprovedCode.Parse(["# ours", "", $"{hash}  App.dll", $"{hash.ToUpperInvariant()} *b.dll", hash]);
        Assert.NotNull(list);
        Assert.Contains("line 2", Assert.Throws<FormatException>(() => ApprovedCode.Parse([hash, "App.dll"])).Message, StringComparison.Ordinal);
    }

    private static AssemblyId IdOf(Assembly assembly) => CodeSpace.Process.IdOf(assembly)!.Value;

    /// <summary>A space of a worker with these assemblies approved, and none loaded.</summary>
    internal static CodeSpace Approving(params Assembly[] assemblies) => CodeSpace.Create(
        useProcess: false,
        new ApprovedCode(assemblies.Select(static one => Convert.ToHexStringLower(SHA256.HashData(AssemblyShipping.Of(one).Image)))));

    /// <summary>A workshop that goes with its test.</summary>
    private sealed class Loaded : IDisposable
    {
        public Workshop Shop { get; } = new();

        public void Dispose() => Shop.Unload();
    }
}
