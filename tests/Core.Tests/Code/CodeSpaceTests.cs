using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.Loader;
using MicroSpark.Code;
using MicroSpark.Model;
using MicroSpark.Tests.Closures;

namespace MicroSpark.Tests.Code;

public class CodeSpaceTests
{
    private const string Tools = "public static class Tool { public static int Twice(int x) => x * 2; }";
    private const string App = "public static class App { public static int Run(int x) => Tool.Twice(x) + 1; }";

    [Fact]
    public void The_framework_MicroSpark_and_its_packages_have_no_id()
    {
        foreach (var type in new[] { typeof(object), typeof(Enumerable), typeof(CodeSpace), typeof(MessagePack.MessagePackSerializer), typeof(System.Text.Json.JsonDocument) })
        {
            Assert.Null(CodeSpace.Process.IdOf(type.Assembly));
        }
    }

    [Fact]
    public void The_users_projects_and_packages_have_one()
    {
        var own = CodeSpace.Process.IdOf(typeof(CodeSpaceTests).Assembly)!.Value;
        var package = CodeSpace.Process.IdOf(typeof(CsCheck.Gen).Assembly)!.Value;

        Assert.NotEqual(own, package);
        Assert.Equal(own, CodeSpace.Process.IdOf(typeof(CodeSpaceTests).Assembly));
        Assert.Same(typeof(CodeSpaceTests).Assembly, CodeSpace.Process.Get(own));
        Assert.Contains(package, AssemblyShipping.Of(typeof(CodeSpaceTests).Assembly).References);
    }

    [Fact]
    public void The_same_source_gives_the_same_id_in_another_context()
    {
        var (first, second) = (new Workshop(), new Workshop());
        first.Add("Tools", Tools);
        second.Add("Tools", Tools);

        Assert.Equal(IdOf(first.Add("App", App)), IdOf(second.Add("App", App)));
    }

    [Fact]
    public void A_method_body_changed_in_a_library_changes_the_id_of_its_caller()
    {
        var (before, after) = (new Workshop(), new Workshop());
        before.Add("Tools", Tools);
        after.Add("Tools", Tools.Replace("x * 2", "x * 3", StringComparison.Ordinal));
        var app = before.Add("App", App);
        var same = after.Add(AssemblyShipping.Of(app).Image, null);

        Assert.Equal(app.ManifestModule.ModuleVersionId, same.ManifestModule.ModuleVersionId);
        Assert.NotEqual(IdOf(app), IdOf(same));
    }

    [Fact]
    public void A_library_below_a_library_counts_too()
    {
        var ids = new HashSet<AssemblyId>();
        foreach (var factor in new[] { "2", "3" })
        {
            var shop = new Workshop();
            shop.Add("Tools", Tools.Replace("x * 2", $"x * {factor}", StringComparison.Ordinal));
            shop.Add("Middle", "public static class Middle { public static int Run(int x) => Tool.Twice(x); }");
            ids.Add(IdOf(shop.Add("App", "public static class App { public static int Run(int x) => Middle.Run(x); }")));
        }

        Assert.Equal(2, ids.Count);
    }

    [Fact]
    public void A_reference_that_is_nowhere_is_left_out()
    {
        var compiler = new Workshop();
        (var tools, _) = compiler.Compile("Tools", Tools);
        compiler.Reference(tools);
        (var image, _) = compiler.Compile("App", App);

        Assert.Empty(AssemblyShipping.Of(new Workshop().Add(image, null)).References);
    }

    [Fact]
    public void Assemblies_that_reference_each_other_have_ids_and_load()
    {
        // A needs an older B to compile, as two projects that grew into each other do.
        var shop = new Workshop();
        (var oldB, _) = shop.Compile("B", "public static class B { public static int Two() => 2; }");
        shop.Reference(oldB);
        (var a, _) = shop.Compile("A", "public static class A { public static int One() => 1; public static int Three() => One() + B.Two(); }");
        shop = new Workshop();
        shop.Reference(a);
        (var b, _) = shop.Compile("B", "public static class B { public static int Two() => A.One() + 1; }");
        shop = new Workshop();
        var loadedA = shop.Add(a, null);
        var loadedB = shop.Add(b, null);

        Assert.NotEqual(IdOf(loadedA), IdOf(loadedB));
        using var space = CodeSpace.Create(useProcess: false);
        Assert.Equal(3, LoadAll(space, loadedA).GetType("A")!.GetMethod("Three")!.Invoke(null, null));
    }

    [Fact]
    public void A_hundred_assemblies_in_a_chain_ship_references_first()
    {
        var shop = new Workshop();
        var last = shop.Add("L0", "public static class L0 { public static int Run() => 0; }");
        for (var i = 1; i < 120; i++)
        {
            last = shop.Add($"L{i}", $"public static class L{i} {{ public static int Run() => L{i - 1}.Run() + 1; }}");
        }

        var shipped = AssemblyShipping.ClosureOf([IdOf(last)]);
        Assert.Equal(Enumerable.Range(0, 120).Select(i => $"L{i}"), shipped.Select(assembly => assembly.Name));
        using var space = CodeSpace.Create(useProcess: false);
        Assert.Equal(119, LoadAll(space, last).GetType("L119")!.GetMethod("Run")!.Invoke(null, null));
    }

    [Fact]
    public void An_isolated_space_has_its_own_copy_and_the_process_space_does_not()
    {
        var own = typeof(CodeSpaceTests).Assembly;
        using var isolated = CodeSpace.Create(useProcess: false);
        using var sharing = CodeSpace.Create(useProcess: true);
        var id = IdOf(own);

        Assert.False(isolated.Has(id));
        Assert.True(sharing.Has(id));
        var copy = LoadAll(isolated, own);
        Assert.NotSame(own, copy);
        Assert.Same(copy, isolated.Load(AssemblyShipping.Of(own)));
        Assert.Same(copy, isolated.Get(id));
        Assert.Equal(id, isolated.IdOf(copy));
        Assert.Same(own, sharing.Load(AssemblyShipping.Of(own)));

        // What one assembly of the space references is the space's own too.
        var fromPackage = copy.GetType(typeof(UsesPackage).FullName!)!.GetMethod(nameof(UsesPackage.Owner))!.ReturnType;
        Assert.NotSame(typeof(CsCheck.Size), fromPackage);
        Assert.Equal(isolated.IdOf(fromPackage.Assembly), IdOf(typeof(CsCheck.Size).Assembly));
    }

    [Fact]
    public void Loading_at_once_from_many_threads_loads_once()
    {
        var shop = new Workshop();
        shop.Add("Tools", Tools);
        var app = shop.Add("App", App);
        using var space = CodeSpace.Create(useProcess: false);
        var loaded = new Assembly[16];

        Parallel.For(0, loaded.Length, i => loaded[i] = LoadAll(space, app));

        Assert.Single(loaded.Distinct());
        Assert.Equal(43, loaded[0].GetType("App")!.GetMethod("Run")!.Invoke(null, [21]));
    }

    [Fact]
    public void A_missing_reference_is_named_when_a_method_needs_it()
    {
        var shop = new Workshop();
        shop.Add("Tools", Tools);
        using var space = CodeSpace.Create(useProcess: false);
        var app = space.Load(AssemblyShipping.Of(shop.Add("App", App)));

        var error = Assert.Throws<TargetInvocationException>(() => app.GetType("App")!.GetMethod("Run")!.Invoke(null, [1]));
        Assert.Contains("Tools", Assert.IsAssignableFrom<IOException>(error.InnerException).ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(0, 1)]
    [InlineData(0, 100)]
    [InlineData(1000, 100)]
    [InlineData(2000, 1)]
    public void A_damaged_image_names_the_assembly_and_does_not_stand_in_the_way(int keep, int garbage)
    {
        var good = AssemblyShipping.Of(new Workshop().Add("Tools", Tools));
        var bad = good with { Image = [.. good.Image.Take(keep), .. Enumerable.Repeat((byte)7, garbage)] };
        using var space = CodeSpace.Create(useProcess: false);

        var error = Assert.Throws<BadImageFormatException>(() => space.Load(bad));
        Assert.Contains("'Tools'", error.Message, StringComparison.Ordinal);
        Assert.Equal("Tools", space.Load(good).GetName().Name);
    }

    [Fact]
    public void An_image_under_another_name_is_refused()
    {
        var good = AssemblyShipping.Of(new Workshop().Add("Tools", Tools));
        using var space = CodeSpace.Create(useProcess: false);

        var error = Assert.Throws<BadImageFormatException>(() => space.Load(good with { Name = "Other" }));
        Assert.Contains("'Other'", error.Message, StringComparison.Ordinal);
        Assert.Contains("'Tools'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_shipped_assembly_survives_its_bytes()
    {
        var before = AssemblyShipping.Of(typeof(CodeSpaceTests).Assembly);
        var after = ShippedAssembly.FromBytes(before.ToBytes());

        Assert.Equal((before.Id, before.Name), (after.Id, after.Name));
        Assert.Equal(before.Image, after.Image);
        Assert.Equal(before.Symbols, after.Symbols);
        Assert.NotNull(after.Symbols);
        Assert.Equal(before.References, after.References);
    }

    [Fact]
    public void Cut_or_foreign_bytes_are_no_shipped_assembly()
    {
        var bytes = AssemblyShipping.Of(new Workshop().Add("Tools", Tools)).ToBytes();
        foreach (var length in new[] { 0, 3, 40, 52, 60, bytes.Length / 2, bytes.Length - 1 })
        {
            Assert.Throws<BadImageFormatException>(() => ShippedAssembly.FromBytes(bytes.AsSpan(0, length)));
        }

        bytes[0]++;
        Assert.Throws<BadImageFormatException>(() => ShippedAssembly.FromBytes(bytes));
    }

    [Fact]
    public void An_assembly_without_bytes_says_so()
    {
        (var image, _) = new Workshop().Compile("Tools", Tools);
        var unregistered = new AssemblyLoadContext("bare", isCollectible: true).LoadFromStream(new MemoryStream(image));

        var error = Assert.Throws<AssemblyNotShippableException>(() => CodeSpace.Process.IdOf(unregistered));
        Assert.Contains("'Tools'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_rebuilt_after_loading_is_not_shipped_for_the_loaded_one()
    {
        var folder = Directory.CreateTempSubdirectory("microspark-closures-");
        var context = new AssemblyLoadContext("files", isCollectible: true);
        try
        {
            var path = Path.Combine(folder.FullName, "Tools.dll");
            File.WriteAllBytes(path, new Workshop().Compile("Tools", Tools).Image);
            var loaded = context.LoadFromAssemblyPath(path);
            File.Delete(path);
            File.WriteAllBytes(path, new Workshop().Compile("Tools", Tools.Replace('2', '3')).Image);

            var error = Assert.Throws<AssemblyNotShippableException>(() => CodeSpace.Process.IdOf(loaded));
            Assert.Contains("rebuilt", error.Message, StringComparison.Ordinal);
        }
        finally
        {
            context.Unload();
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public void A_disposed_space_lets_its_assemblies_go()
    {
        var loaded = LoadAndDispose();

        for (var i = 0; loaded.IsAlive && i < 20; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        Assert.False(loaded.IsAlive);
    }

    [Fact]
    public void A_process_assembly_can_be_collected_although_its_id_is_known()
    {
        (var emitted, var id) = EmitAndUnload();

        for (var i = 0; emitted.IsAlive && i < 20; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        Assert.False(emitted.IsAlive);
        Assert.False(CodeSpace.Process.Has(id));
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WeakReference LoadAndDispose()
    {
        var shop = new Workshop();
        shop.Add("Tools", Tools);
        using var space = CodeSpace.Create(useProcess: false);
        var app = LoadAll(space, shop.Add("App", App));
        Assert.Equal(43, app.GetType("App")!.GetMethod("Run")!.Invoke(null, [21]));
        shop.Unload();
        return new WeakReference(AssemblyLoadContext.GetLoadContext(app));
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static (WeakReference Emitted, AssemblyId Id) EmitAndUnload()
    {
        var shop = new Workshop();
        shop.Add("Tools", Tools);
        var app = shop.Add("App", App + " public class OnlyHere;");
        var id = IdOf(app);
        shop.Unload();
        return (new WeakReference(app), id);
    }

    private static AssemblyId IdOf(Assembly assembly) => CodeSpace.Process.IdOf(assembly)!.Value;

    private static Assembly LoadAll(CodeSpace space, Assembly root)
    {
        foreach (var assembly in AssemblyShipping.ClosureOf([IdOf(root)]))
        {
            space.Load(assembly);
        }

        return space.Get(IdOf(root));
    }
}

public static class UsesPackage
{
    public static CsCheck.Size Owner() => throw new InvalidOperationException("Only its signature is looked at.");
}
